import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Backend } from '../../../src/backend.ts'
import type { GatewayOptions } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { settingsFrom } from '../../../src/lifecycle/settings.ts'
import { zipHandler } from '../../../src/runs.ts'
import { type Answer, jsonOf, type Scene, type useGateway } from '../setup.ts'
import { type File, textsIn, zipOf } from '../../runs/zips/setup.ts'

/** A zip in base64. */
export async function packed(files: Readonly<Record<string, File>>): Promise<string> {
  return (await zipOf(files)).toString('base64')
}

/** One whose script is of the shell. */
export const scripted = async (text: string): Promise<string> => packed({ 'run.sh': `#!/bin/sh\n${text}\n` })

/** What was answered: its status, and its JSON. */
export interface Told {
  readonly status: number
  readonly body: Answer
}

export interface JobdScene extends Scene {
  /** The queue that jobs come to. */
  readonly zips: Queue
  /** Sends text as it is, or an object as JSON. */
  upload(body: unknown, init?: RequestInit): Promise<Told>
  get(id: string): Promise<Told>
  /** Asks until the job has ended. */
  ended(id: string): Promise<Told>
  /** Works on zips until the end of the test. */
  work(): void
}

/** A gateway whose jobd has a queue of its own. */
export async function setup(stage: ReturnType<typeof useGateway>, options: GatewayOptions = {}): Promise<JobdScene> {
  const name = `j${randomUUID().slice(0, 8)}`
  const scene = await stage.setup({ ...options, jobd: { queue: name, ...options.jobd } })
  const zips = new Queue(name, { backend: scene.backend })
  // The poll that is out may have all of SQS's 20 seconds to go, which is as long as a hook has by itself.
  onTestFinished(() => zips.close(), 60_000)
  const told = async (answer: Response): Promise<Told> => ({ status: answer.status, body: await jsonOf(answer) })
  const get = async (id: string): Promise<Told> => told(await scene.ask(`/api/get/${id}`))
  return {
    ...scene,
    zips,
    get,
    upload: async (body, init) =>
      told(
        await scene.ask('/api/upload', {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...init,
        }),
      ),
    async ended(id) {
      for (const deadline = Date.now() + 40_000; ;) {
        const answer = await get(id)
        if (answer.status !== 206 || Date.now() > deadline) return answer
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    work: () => void zips.work(zipHandler(), { graceSeconds: 15, backoff: () => 0 }),
  }
}

/** The texts of the zip that a job handed back. */
export async function outputOf({ body }: Told): Promise<Record<string, string>> {
  return textsIn(Buffer.from(String(body['Output']), 'base64'))
}

/** What was stored beside a queue's jobs. */
export async function storedOf(backend: Backend, name: string): Promise<readonly string[]> {
  const open = backend.open(settingsFrom(name, {}).place)
  try {
    await open.ready()
    return (await open.objects.list('stored/', {})).objects.map(({ key }) => key)
  } finally {
    await open.close()
  }
}
