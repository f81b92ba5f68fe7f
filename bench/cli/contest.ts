import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue, type QueueOptions } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { Child } from '../children.ts'
import { median } from '../median.ts'
import { type Command, measure, type Measured } from './measure.ts'

/** How a contest is held. */
export interface Terms {
  readonly rounds: number
  /** Programs a run. */
  readonly count: number
  /** At the same time. */
  readonly jobs: number
}

/** One entrant's medians. */
export interface Score {
  readonly name: string
  readonly seconds: number
  readonly cpuMilliseconds: number
  readonly peakMebibytes: number
  /** Requests to the server a job, where there is one. */
  readonly requests: number | undefined
}

interface Run extends Measured {
  readonly requests?: number | undefined
}

interface Entrant {
  readonly name: string
  run(round: number): Promise<Run>
}

const main = new URL('../../dist/cli/main.js', import.meta.url).pathname
const loop = new URL('loop.ts', import.meta.url).pathname
const keys = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'us-east-1' }

/** Lets entrants take turns, so that whatever else the machine does disturbs all of them alike. The first round only warms up. */
export async function hold(terms: Terms): Promise<readonly Score[]> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-bench-'))
  try {
    await using server = new Child(new URL('../aws/server.ts', import.meta.url))
    const endpoint = await server.answer<string>()
    const entrants = entrantsOf(terms, directory, { endpoint, count: () => server.ask<number>('count') })
    const runs = new Map<string, Run[]>()
    for (let round = 0; round <= terms.rounds; round += 1) {
      for (const entrant of entrants) {
        const run = await entrant.run(round)
        if (round > 0) runs.set(entrant.name, [...(runs.get(entrant.name) ?? []), run])
      }
    }
    return entrants.map(({ name }) => scoreOf(name, runs.get(name) ?? [], terms.count))
  } finally {
    await rm(directory, { recursive: true })
  }
}

interface Server {
  readonly endpoint: string
  count(): Promise<number>
}

function entrantsOf({ count, jobs }: Terms, directory: string, server: Server): readonly Entrant[] {
  const local = join(directory, 'jobs')
  const numbers = Array.from({ length: count }, (_, number) => String(number))
  const work = (queue: string, ...where: string[]): Command => ({
    words: [process.execPath, main, 'work', queue, ...where, '-q', '-o', 'json', '-c', String(jobs), '--', 'true'],
    environment: keys,
    // A worker waits for more jobs; it has done what it had to with so many ends.
    endsAfter: { lines: '"event":"completed"', count },
  })
  return [
    {
      name: 'a loop in Node',
      run: () => measure({ words: [process.execPath, loop, String(count), String(jobs)] }),
    },
    {
      name: 'GNU parallel',
      run: () => measure({ words: ['parallel', `-j${jobs}`, 'true', ':::', ...numbers] }),
    },
    {
      name: '`remotejob work --local`',
      async run(round) {
        await fill(`round-${round}`, count, { backend: localBackend({ directory: local }) })
        return measure(work(`round-${round}`, `--local=${local}`))
      },
    },
    {
      name: "`remotejob work`, over AWS's protocol",
      async run(round) {
        const { endpoint } = server
        await fill(`round-${round}`, count, { endpoint, region: 'us-east-1', credentials: credentials })
        const before = await server.count()
        const measured = await measure(work(`round-${round}`, '--endpoint', endpoint))
        return { ...measured, requests: (await server.count()) - before }
      },
    },
  ]
}

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }

async function fill(
  name: string,
  count: number,
  options: QueueOptions<Record<string, unknown>, Record<string, unknown>>,
): Promise<void> {
  await using queue = new Queue(name, options)
  await queue.submitMany(Array.from({ length: count }, (_, number) => ({ number })))
}

function scoreOf(name: string, runs: readonly Run[], count: number): Score {
  const requests = runs.flatMap((run) => run.requests ?? [])
  return {
    name,
    seconds: median(runs.map(({ seconds }) => seconds)),
    cpuMilliseconds: median(runs.map(({ cpuSeconds }) => (cpuSeconds * 1000) / count)),
    peakMebibytes: median(runs.map(({ peakBytes }) => peakBytes / 1024 ** 2)),
    requests: requests.length > 0 ? median(requests) / count : undefined,
  }
}
