import { readFileSync, writeFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';

/** Unbundled: one output file for each source file, so that `'use client'` stays on the files that carry it. */
export default defineConfig({
  entry: ['src/index.ts', 'src/react.ts', 'src/locales/*.ts'],
  unbundle: true,
  dts: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  sourcemap: true,
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
  hooks: {
    'build:done'() {
      const parts = ['src/styles.css', 'src/panels.css'].map((file) => readFileSync(file, 'utf8'));
      writeFileSync('dist/styles.css', parts.join('\n'));
    },
  },
});
