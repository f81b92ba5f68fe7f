import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { Queue } from '../../../src/index.ts'
import type { Workspace } from '../../../src/lifecycle/workspace.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs, type InlineRun, type RunState } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'

/** Runs in a folder of their own, which goes with the test. */
export interface Scene {
  readonly queue: Queue
  readonly runs: Runs
  readonly directory: string
  open(): Promise<Workspace>
}

export async function setup(): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-runs-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const queue = new Queue('jobs', { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
  onTestFinished(() => queue.close())
  return { queue, runs: new Runs(queue), directory, open: () => queue[source].open() }
}

/** Looks until a run is as wanted; the test's own limit ends it. */
export async function until(runs: Runs, name: string, fits: (state: RunState) => boolean): Promise<RunState> {
  for (;;) {
    const state = await runs.get(name)
    if (!state) throw new Error(`There is no run ${name}`)
    if (fits(state)) return state
    await wait(50)
  }
}

/** A run at its end. */
export const ended = (runs: Runs, name = 'run'): Promise<RunState> =>
  until(runs, name, ({ status }) => status === 'completed' || status === 'failed')

/** A shell script as a run called `run`. */
export const shell = (script: string, more: Partial<InlineRun> = {}): InlineRun => ({
  name: 'job',
  command: ['sh', '-c', script],
  runName: 'run',
  ...more,
})
