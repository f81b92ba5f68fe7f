import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { awsContests } from './aws-contests.ts'
import { type Contest, hold } from './contest.ts'
import { MiB } from './data.ts'
import { localContests } from './local-contests.ts'
import { documentOf, type Result, tableOf } from './report.ts'

const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string', default: 'sink,fauxqs,local' },
    directory: { type: 'string', default: tmpdir() },
    output: { type: 'string', default: 'bench/stream-results.md' },
  },
})

const size = Number(flags.size) * MiB
const runs = Number(flags.runs)
const directory = await mkdtemp(join(flags.directory, 'remotejob-bench-'))
try {
  const results: Result[] = []
  for (const contest of await contests(flags.only.split(','))) {
    const result = { contest, scores: await hold(contest, runs, size), size, runs }
    results.push(result)
    console.log(tableOf(result))
  }
  await writeFile(flags.output, documentOf(results))
} finally {
  await rm(directory, { recursive: true })
}

async function contests(groups: readonly string[]): Promise<readonly Contest[]> {
  return [
    ...(groups.includes('sink') ? awsContests('sink', size) : []),
    ...(groups.includes('fauxqs') ? awsContests('fauxqs', size) : []),
    ...(groups.includes('local') ? await localContests(directory, size) : []),
  ]
}
