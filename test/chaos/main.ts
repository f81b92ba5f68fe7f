// npm run chaos -- --jobs 10000 --seed 7 --seconds 600 --backend aws
// npm run chaos -- --runs --jobs 1000 --seed 7 --backend aws
import { parseArgs } from 'node:util'
import { runChaos } from './run.ts'
import { runArrayChaos } from './runs/array.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'boolean', default: false },
    jobs: { type: 'string' },
    parallelism: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seconds: { type: 'string', default: '3600' },
    backend: { type: 'string', default: 'aws' },
  },
})
const { backend } = values
if (backend !== 'aws' && backend !== 'local') throw new Error(`Expected --backend aws or local, got ${backend}`)
const seed = Number(values.seed)
print(`seed ${seed}`)
const { counts, misdeeds } = values.runs
  ? await runArrayChaos({
      seed,
      backend,
      size: Number(values.jobs ?? 1000),
      parallelism: Number(values.parallelism),
      isStormy: backend === 'aws',
    })
  : await runChaos({ seed, backend, jobs: Number(values.jobs ?? 10_000), seconds: Number(values.seconds) })
for (const [name, count] of Object.entries(counts)) print(`${name.padEnd(40)}${count}`)
for (const misdeed of misdeeds.slice(0, 100)) print(misdeed)
print(misdeeds.length === 0 ? 'nothing was lost, doubled or mixed up' : `seed ${seed}: ${misdeeds.length} misdeeds`)
process.exitCode = misdeeds.length === 0 ? 0 : 1

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
