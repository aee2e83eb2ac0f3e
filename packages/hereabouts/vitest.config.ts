import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      { find: 'hereabouts/react', replacement: fileURLToPath(new URL('src/react.ts', import.meta.url)) },
      { find: /^hereabouts$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    // Two cores are shared with the rest of the build.
    maxWorkers: 2,
    restoreMocks: true,
    // On a busy machine; nothing here waits for so long.
    testTimeout: 20_000,
  },
});
