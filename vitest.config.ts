import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

/** What takes long and hardly depends on the version of Node: `.ci/run`, which has half an hour, runs it on one of them alone. */
const once = [
  'test/{chaos,examples}/**',
  'test/{counts,docs,examples,package,policies}.test.ts',
  'test/cli/runs/**',
  'test/cli/{completion,failures,help-examples,output,schedules}.test.ts',
  'test/gateway/{code-engine,jobd,page,slimfaas}/**',
  'test/gateway/fuzz.test.ts',
  'test/runs/{definition,events,executors,stored,ticks,vocabularies,zips}/**',
  'test/runs/arrays/!(runs).test.ts',
  'test/runs/policies.test.ts',
  'test/{lifecycle/slots,queue/renewal,worker/accepts,worker/dead-letters}.test.ts',
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
