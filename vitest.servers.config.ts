import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The suites on servers that others wrote: `npm run test:servers`. */
export default defineConfig({
  resolve: {
    alias: [{ find: /^remotejob$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }],
  },
  test: {
    include: ['test/compatibility/**/*.servers.ts'],
    globalSetup: ['test/compatibility/obtain.ts'],
    testTimeout: 60_000,
    retry: process.env['CI'] === undefined ? 0 : 2,
    // Ceph takes most of a minute to start, on a busy machine several.
    hookTimeout: 300_000,
    reporters: ['default', ['json', { outputFile: '.cache/servers.json' }]],
  },
})
