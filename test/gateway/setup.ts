import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { createGateway, type Gateway, type GatewayOptions } from '../../src/gateway.ts'
import type { Backend } from '../../src/backend.ts'
import { JobCreated } from '../../src/gateway/v1/job-schemas.ts'
import { Queue } from '../../src/index.ts'
import { type onLocal, useGround } from '../queue/setup.ts'

export { grounds } from '../queue/setup.ts'

/** JSON whose shape is what a test asserts. */
export type Answer = Readonly<Record<string, unknown>>

/** The JSON of an answer. */
export async function jsonOf(answer: Response): Promise<Answer> {
  return z.record(z.string(), z.unknown()).parse(await answer.json())
}

/** The machine itself, which gets in without a token. */
export const here = { remoteAddress: '127.0.0.1' }

/** A gateway and a queue behind it. */
export interface Scene {
  readonly gateway: Gateway
  readonly queue: Queue
  readonly name: string
  readonly backend: Backend
  /** Where the queue's jobs are. */
  readonly jobs: string
  /** One request. What is no path below the gateway is taken below the queue. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** The same, as JSON, of which nothing is known. */
  askJson(path: string, init?: RequestInit): Promise<Answer>
  /** Makes a job, and resolves its id. */
  post(path?: string, body?: string): Promise<string>
}

/** Gateways on a ground, for the tests of a `describe`. */
export function useGateway(start: typeof onLocal): { setup(options?: GatewayOptions): Promise<Scene> } {
  const { backend: another, opened } = useGround(start)
  return {
    async setup(options = {}) {
      const backend = another()
      const name = `q${randomUUID().slice(0, 13)}`
      const queue = new Queue(name, { backend })
      await queue.ready()
      const gateway = createGateway({ backend, ...options })
      opened.push(queue, gateway)
      const ask = (path: string, init?: RequestInit): Promise<Response> =>
        gateway(
          new Request(new URL(path.startsWith('/') ? path : `/v1/queues/${name}/${path}`, 'http://localhost'), init),
          here,
        )
      const askJson = async (path: string, init?: RequestInit): Promise<Answer> => jsonOf(await ask(path, init))
      const post = async (path = 'jobs', body?: string): Promise<string> =>
        JobCreated.parse(await askJson(path, { method: 'POST', body: body ?? null })).id
      return { gateway, queue, name, backend, post, jobs: `/v1/queues/${name}/jobs`, ask, askJson }
    },
  }
}
