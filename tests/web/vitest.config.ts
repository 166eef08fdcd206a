import {defineConfig} from 'vitest/config';

// The pure parts of the page: no browser, no clock, no network.
export default defineConfig({
  test: {
    include: ['unit/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    poolOptions: {threads: {maxThreads: 2}},
  },
});
