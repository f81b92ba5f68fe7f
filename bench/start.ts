/** Measures how soon the command line says something: `npm run bench:start -- --runs 15`. Writes `bench/start-results.md`. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from './median.ts'
import { tableOf } from './process/table.ts'

const { values: flags } = parseArgs({ options: { runs: { type: 'string', default: '15' } } })
const runs = Number(flags.runs)
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const directory = await mkdtemp(join(tmpdir(), 'remotejob-start-'))

/** What is run; the first is what the others are compared with. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "Node's own start": ['--eval', "process.stdout.write('x')"],
  '`remotejob --version`': [main, '--version'],
  '`remotejob --help`': [main, '--help'],
  '`remotejob submit --help`': [main, 'submit', '--help'],
  'the Tab key': [main, 'complete', '--', 'submit', '--'],
  '`remotejob submit --local`': [main, 'submit', 'letters', '--local'],
  '`remotejob status --local`': [main, 'status', 'letters', 'first', '--local'],
  '`remotejob list --local`': [main, 'list', 'letters', '--local'],
  '`remotejob queues --local`': [main, 'queues', '--local'],
}

const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]))
try {
  execFileSync(process.execPath, [main, 'submit', 'letters', '--local', '--id', 'first'], { cwd: directory })
  for (let run = 0; run <= runs; run += 1)
    for (const [name, words] of Object.entries(programs)) {
      const taken = await untilFirstOutput(words)
      // The first round only warms the disk's cache.
      if (run > 0) times.get(name)?.push(taken)
    }
} finally {
  await rm(directory, { recursive: true })
}

const own = median([...times.values()][0] ?? [])
const rows = [...times].map(([name, all]) => [name, median(all).toFixed(0), (median(all) - own).toFixed(0)])
const text = `# The first output

Written by \`npm run bench:start\`: milliseconds from the start of a process to the first byte that it prints, on Node ${process.versions.node}. Medians of
${runs} processes each, which take turns. Figures of machines with other work are proportions, not speeds.

${tableOf(['', 'ms', "over Node's own start, ms"], rows)}
`
await writeFile(new URL('start-results.md', import.meta.url), text)
console.log(text)

async function untilFirstOutput(words: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, words, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const taken = performance.now() - began
  child.stdout.resume()
  await ended
  return taken
}
