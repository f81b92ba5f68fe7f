import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

/** What takes long and says nothing of a version of Node: `.ci/run` runs it on one of them alone. */
const once = [
  'test/chaos/**',
  'test/docs.test.ts',
  'test/package.test.ts',
  'test/cli/help-examples.test.ts',
  'test/gateway/fuzz.test.ts',
  // Over what the other routes are tried over on each version.
  'test/gateway/{code-engine,jobd,page,slimfaas}/**',
]

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
    exclude: process.env['TESTS'] === 'of-node' ? once : [],
    testTimeout: 20_000,
    // A machine that others use as well: what passed on a later try only is told by `.ci/counts.ts`, not hidden.
    retry: process.env['CI'] === undefined ? 0 : 2,
    hookTimeout: 20_000,
    // As patient as a test: a machine with other work is no defect.
    expect: { poll: { timeout: 15_000 } },
    // Most tests wait, for leases, polls and children, more than they compute.
    maxWorkers: 4,
    // `.ci/run` reads its counts from the JSON.
    reporters: ['default', ['json', { outputFile: '.cache/tests.json' }]],
  },
})
