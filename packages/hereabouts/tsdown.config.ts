import { copyFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';

/** Unbundled: one output file for each source file, so that `'use client'` stays on the files that carry it. */
export default defineConfig({
  entry: ['src/index.ts', 'src/react.ts'],
  unbundle: true,
  dts: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  sourcemap: true,
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  hooks: {
    'build:done': () => copyFileSync('src/styles.css', 'dist/styles.css'),
  },
});
