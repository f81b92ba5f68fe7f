import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/gateway.ts'
import { Schedules } from '../../../src/cron.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs, slimFaasConfiguration } from '../../../src/runs.ts'

/** The configuration of SlimFaas's documentation, with a program in place of the image. */
export const fibonacci = {
  Command: ['sh', '-c', 'echo "$0 $*"'],
  ImagesWhitelist: [],
  Resources: { Requests: { cpu: '400m', memory: '400Mi' }, Limits: { cpu: '400m', memory: '400Mi' } },
  DependsOn: [],
  Environments: [],
  BackoffLimit: 1,
  Visibility: 'Public',
  NumberParallelJob: 2,
  TtlSecondsAfterFinished: 36_000,
  RestartPolicy: 'Never',
}

/** A run, as SlimFaas's callers see it. */
export interface Listed {
  readonly Name: string
  readonly Status: string
  readonly Id: string
  readonly PositionInQueue: number
  readonly InQueueTimestamp: number
  readonly StartTimestamp: number
}

export interface Scene {
  readonly gateway: Gateway
  readonly queue: Queue
  readonly runs: Runs
  readonly schedules: Schedules
  readonly directory: string
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** From this machine. */
  ask(request: Request): Promise<Response>
  /** The id of a job that is submitted. */
  submit(name: string, body?: unknown): Promise<string>
  list(name: string): Promise<readonly Listed[]>
  /** Looks until a job's list is as wanted; the test's own limit ends it. */
  until(name: string, fits: (listed: readonly Listed[]) => boolean): Promise<readonly Listed[]>
}

/** A gateway over a folder of its own, with these entries of `Configurations`. */
export async function setup(
  entries: object = { fibonacci },
  { schedules, options }: { readonly schedules?: object; readonly options?: GatewayOptions } = {},
): Promise<Scene> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-slimfaas-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const backend = localBackend({ directory, fsync: false })
  const slimFaas = slimFaasConfiguration({ Configurations: entries, ...(schedules && { Schedules: schedules }) })
  const gateway = createGateway({ backend, slimFaas, ...options })
  onTestFinished(() => gateway.close())
  const queue = new Queue('runs', { backend, leaseSeconds: 3 })
  onTestFinished(() => queue.close())
  const ask: Scene['ask'] = (request) => gateway(request, { remoteAddress: '127.0.0.1' })
  const call: Scene['call'] = (method, path, body, headers = {}) => {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    return ask(new Request(`http://localhost${path}`, { method, headers, ...sent }))
  }
  const list: Scene['list'] = async (name) => (await call('GET', `/job/${name}`)).json() as Promise<readonly Listed[]>
  return {
    gateway,
    queue,
    runs: new Runs(queue),
    schedules: new Schedules(queue),
    directory,
    ask,
    call,
    list,
    async submit(name, body = {}) {
      const answer = await call('POST', `/job/${name}`, body)
      if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`)
      return ((await answer.json()) as { readonly Id: string }).Id
    },
    async until(name, fits) {
      for (;;) {
        const listed = await list(name)
        if (fits(listed)) return listed
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
  }
}
