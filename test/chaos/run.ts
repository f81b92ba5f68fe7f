import { setTimeout as delay } from 'node:timers/promises'
import { Queue } from '../../src/index.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { Crew } from './crew.ts'
import { onAws, onLocal } from './ground.ts'
import { announced, workOff, wronglyTold } from './judge.ts'
import { Random } from './random.ts'
import { Requester } from './requester.ts'
import type { Task } from './task.ts'

/** How long and how hard. */
export interface ChaosOptions {
  readonly seed: number
  readonly backend: 'aws' | 'local'
  /** Jobs at most. */
  readonly jobs: number
  /** Seconds after which no more jobs are submitted. */
  readonly seconds: number
}

/** What happened, in numbers, and in words what may not happen and did. */
export interface ChaosReport {
  readonly counts: Readonly<Record<string, number>>
  readonly misdeeds: readonly string[]
}

/** Seconds from the last submit in which every job has to end, whatever fails. */
const patienceSeconds = 120

/** Jobs, workers that die, and bad weather; then a look at all that is left. */
export async function runChaos({ seed, backend, jobs, seconds }: ChaosOptions): Promise<ChaosReport> {
  const name = 'chaos'
  const random = new Random(seed)
  await using ground = backend === 'aws' ? await onAws(random, name) : await onLocal()
  const began = Date.now()
  await using queue = new Queue<Task>(name, { backend: ground.backend(), leaseSeconds: 3 })
  await queue.ready()
  ground.worsen()
  const until = began + seconds * 1000
  const crew = new Crew({ name, ...ground.config }, random, until)
  const requester = new Requester(queue, random)
  try {
    const reaping = new AbortController()
    const reaped = reapNowAndThen(queue, reaping.signal)
    await requester.run({ jobs, until, endBy: until + patienceSeconds * 1000 })
    reaping.abort()
    await reaped
  } finally {
    await crew.dismiss()
  }
  const ended = Date.now()
  const weather = await ground.clear()
  const raw = ground.backend().open(settingsFrom(name, {}).place)
  await raw.ready()
  const left = await workOff(queue, raw, { pending: `${name}-pending` })
  const told = await announced(queue, ['completed', 'failed'])
  const untold = [...requester.submitted]
    .filter((id) => !told.has(id))
    .map((id) => `the end of job ${id} was never announced`)
  const wrong = await wronglyTold(raw, requester.ends)
  await raw.close()
  const { submitted, ends, counts } = requester
  const again = ends.filter(({ result }) => (result?.attempt ?? 0) > 1).length
  const numbers = {
    jobs: submitted.size,
    seconds: Math.round((ended - began) / 1000),
    'ended by a later attempt': again,
  }
  return {
    counts: { ...numbers, ...counts, ...crew.counts, ...weather.counts },
    misdeeds: [...requester.misdeeds, ...crew.misdeeds, ...weather.misdeeds, ...left, ...untold, ...wrong],
  }
}

/** As somebody's scheduler would. What fails because of the weather is done next time. */
async function reapNowAndThen(queue: Queue<Task>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(5000, undefined, { signal }).catch(() => {})
    await queue.reap().catch(() => {})
  }
}
