import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { Queue } from '../../../src/index.ts'
import type { Overrides } from '../../../src/runs/definition/job-definition.ts'
import { runNames } from '../../../src/runs/arrays/list-runs.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { Runs } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'
import { onLocal, type Scene, type Stage } from '../../queue/setup.ts'

/** Hands its whole environment back. */
export const tellEnvironment: Omit<Overrides, 'name'> = {
  command: [
    process.execPath,
    '-e',
    'fs.writeFileSync(process.env.JOB_OUTPUT_DIR + "/env.json", JSON.stringify(process.env))',
  ],
  retryLimit: 0,
}

export const time = '2026-11-25T20:10:37.631Z'

/** A record of an S3 notification, about `Notes 1.rtf`. */
export function record(
  bucket: string,
  object: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    eventTime: time,
    responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810' },
    s3: {
      bucket: { name: bucket },
      object: {
        key: 'Notes+1.rtf',
        size: 4642,
        eTag: 'a2b2d66938b1f023dec6394f12b782b5',
        sequencer: '0055AED6DCD90281E5',
        ...object,
      },
    },
    ...more,
  }
}

export interface EventScene extends Scene<Record<string, unknown>, Record<string, unknown>> {
  readonly runs: Runs
  /** A bucket beside the queue's own, by another queue that has it. */
  readonly photos: Queue
  readonly watched: string
  work(): void
  /** The names of all runs, once there are so many. */
  runsOnce(count: number): Promise<readonly string[]>
  names(): Promise<readonly string[]>
  /** What the only instance of a run was told, once it ended well. */
  environmentOf(run: string): Promise<Record<string, string>>
  /** Until nothing is in the queue, and nobody has anything in hand. */
  idle(): Promise<void>
}

export async function eventScene(stage: Stage): Promise<EventScene> {
  const scene = await stage.setup({ leaseSeconds: 3 })
  const { queue, backend } = scene
  const runs = new Runs(queue)
  const watched = `watched-${scene.name}`
  const photos = new Queue(`${scene.name}p`, { backend, bucket: watched })
  onTestFinished(() => photos.close())
  await photos.ready()
  const open = () => queue[source].open()
  const names = async () => Array.fromAsync(runNames(await open()))
  return {
    ...scene,
    runs,
    photos,
    watched,
    work() {
      const worker = runs.work({ concurrency: 4 })
      onTestFinished(async () => {
        const closed = worker.close()
        // Ends the poll that is out.
        await scene.send({ Records: [] })
        await closed
      })
    },
    names,
    async runsOnce(count) {
      return poll(async () => {
        const found = await names()
        return found.length >= count ? found : undefined
      })
    },
    async environmentOf(name) {
      const run = await readRun(await open(), name)
      await poll(async () => ((await runs.get(name))?.status === 'completed' ? true : undefined))
      const { assets } = await queue.result(`run.${name}.${run?.uid}.0`)
      return (await assets['env.json']?.json()) as Record<string, string>
    },
    async idle() {
      await poll(async () => {
        const left = await scene.raw.queue(`${scene.name}-pending`).receive({ max: 1, waitSeconds: 0, leaseSeconds: 0 })
        return left.length === 0 ? true : undefined
      })
    },
  }
}

export const isLocal = (start: unknown): boolean => start === onLocal

/** Asks until there is an answer. */
export async function poll<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await wait(50)
  }
  throw new Error('waited for a minute')
}
