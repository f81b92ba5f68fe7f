import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

export default defineConfig({
  // Inside the tests' own process the package's name means its source; the examples that tests start are given `dist`.
  resolve: {
    alias: [
      { find: /^remotejob$/, replacement: source('index.ts') },
      { find: /^remotejob\/([\w-]+)$/, replacement: source('$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Most tests wait, for leases, polls and children, more than they compute.
    maxWorkers: 3,
    // `.ci/run` reads its counts from the JSON.
    reporters: ['default', ['json', { outputFile: '.cache/tests.json' }]],
  },
})
