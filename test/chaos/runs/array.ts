import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Queue } from '../../../src/index.ts'
import { settingsFrom } from '../../../src/lifecycle/settings.ts'
import { Runs, type RunState } from '../../../src/runs.ts'
import { Crew } from '../crew.ts'
import { onAws, onLocal } from '../ground.ts'
import { Random } from '../random.ts'
import type { ChaosOptions, ChaosReport } from '../run.ts'
import { Diary } from './diary.ts'
import { keysBelow, wrongEnd, wrongState } from './judge.ts'

/** How many indexes, and how hard. */
export interface ArrayChaosOptions extends Pick<ChaosOptions, 'seed' | 'backend'> {
  readonly size: number
  /** Instances at the same time, over all workers. */
  readonly parallelism: number
  /** Seconds for which workers are killed; then they are left in peace. @default for as long as a run may take */
  readonly mischiefSeconds?: number
  /** Whether requests fail, too; only `aws` has a network. */
  readonly isStormy?: boolean
}

const name = 'runs-chaos'
const retryLimit = 1
/** Seconds in which a run has to end, whatever is killed. */
const patienceSeconds = 600

/** An array whose workers are killed and held still; its state is read all the while, and what is left is looked through. */
export async function runArrayChaos(options: ArrayChaosOptions): Promise<ChaosReport> {
  const { seed, backend, size, parallelism, isStormy = false, mischiefSeconds = patienceSeconds } = options
  const random = new Random(seed)
  await using ground = backend === 'aws' ? await onAws(random, name) : await onLocal()
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-array-chaos-'))
  const diary = new Diary(join(folder, 'diary'))
  await using queue = new Queue(name, { backend: ground.backend(), leaseSeconds: 3 })
  await queue.ready()
  if (isStormy) ground.worsen()
  const runs = new Runs(queue)
  const began = Date.now()
  const crew = new Crew({ name, ...ground.config }, random, began + mischiefSeconds * 1000, {
    program: new URL('../children/runs-worker.ts', import.meta.url),
    tell: (what, pid) => diary.tell(what, pid),
  })
  try {
    const request = { command: diary.command, arrayIndexes: `0-${size - 1}`, parallelism, retryLimit }
    await runs.submit({ name: 'array', runName: 'array', ...request })
    const { misdeeds, reads } = await watched(runs, size, began + patienceSeconds * 1000)
    await crew.dismiss()
    await ground.clear()
    const raw = ground.backend().open(settingsFrom(name, {}).place)
    await raw.ready()
    const left = await wrongEnd(raw, size, 1 + retryLimit)
    const slots = (await keysBelow(raw, 'slots/array/0')).length
    await raw.close()
    const { most, besidePaused, besideOrphans } = diary.overlaps(parallelism)
    const excess = most > parallelism ? [`${most} ran at the same time, and not ${parallelism} at most`] : []
    const litter = slots > 3 * parallelism ? [`${slots} entries are left of ${parallelism} slots`] : []
    const seconds = Math.round((Date.now() - began) / 1000)
    const overlaps = {
      'begun beside those of paused workers': besidePaused,
      'beside those of killed ones': besideOrphans,
    }
    return {
      counts: { indexes: size, seconds, reads, 'most at once': most, ...overlaps, ...crew.counts },
      misdeeds: [...misdeeds, ...left, ...excess, ...litter, ...crew.misdeeds],
    }
  } finally {
    await crew.dismiss()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reads the state until the run has ended. */
async function watched(runs: Runs, size: number, until: number): Promise<{ misdeeds: string[]; reads: number }> {
  const misdeeds: string[] = []
  const fates = new Map<number, 'succeeded' | 'failed'>()
  for (let reads = 1; ; reads += 1) {
    // What fails because of the weather is read next time.
    const state: RunState | undefined = await runs.get('array').catch(() => undefined)
    if (state) misdeeds.push(...wrongState(state, size, fates))
    if (state?.status === 'completed' || state?.status === 'failed') return { misdeeds, reads }
    if (Date.now() > until)
      return { misdeeds: [...misdeeds, `it has not ended: ${JSON.stringify({ ...state, indexes: [] })}`], reads }
    await delay(200)
  }
}
