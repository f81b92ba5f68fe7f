/**
 * Measures large streams: `npm run bench:stream -- --size 1024 --runs 5 --only sink,fauxqs,local`.
 *
 * - `--size` MiB to move. Default 1024
 * - `--runs` measured runs of each; one more checks digests. Default 5
 * - `--only` groups to run, of `sink` (a bench-only server), `fauxqs` and `local`. Default all
 * - `--directory` where the files of the local backend and of `cp` are made. Default the system's temporary folder
 * - `--output` the Markdown file to write. Default bench/stream-results.md
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const pathOf = (file: string): string => fileURLToPath(new URL(file, root))
const run = (program: string, parameters: readonly string[]): void => {
  execFileSync(program, parameters, { cwd: root, stdio: 'inherit' })
}

// Compiled, since loading TypeScript itself would take memory of its own in every process that is measured.
run(pathOf('node_modules/.bin/tsc'), ['-p', 'bench/tsconfig.json'])
run(process.execPath, [pathOf('.cache/bench/bench/stream/main.js'), ...process.argv.slice(2)])
