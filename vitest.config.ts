import { defineConfig } from 'vitest/config'

// Vite would take graphql's ES modules where Node takes its CommonJS ones, and two graphqls in a process refuse each other.
const resolve = { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] }
const ignored = ['**/node_modules/**', '**/dist/**', '**/.data/**']

/**
 * One project per level; the level is in the file's name (docs/architecture.md, "Tests").
 * unit needs nothing running, int needs PostgreSQL, Redis and Kafka, e2e the whole mall; chaos brings a mall of its own,
 * because it breaks it.
 */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...ignored, '**/*.{int,e2e}.test.ts'] },
      },
      {
        resolve,
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: ignored,
          globalSetup: './packages/testing/src/infrastructure-setup.ts',
          setupFiles: './packages/testing/src/redis-setup.ts',
          testTimeout: 20_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        resolve,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: [...ignored, 'e2e/chaos/**'],
          globalSetup: './packages/testing/src/mall-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        test: { name: 'chaos', include: ['e2e/chaos/*.e2e.test.ts'], exclude: ignored, testTimeout: 300_000 },
      },
    ],
  },
})
