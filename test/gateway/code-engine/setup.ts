import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createGateway, type GatewayOptions } from '../../../src/gateway.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs } from '../../../src/runs.ts'
import { isJsonObject, type JsonObject, parseJson } from '../../../src/protocol/json.ts'

/** An answer with its body as JSON; one without a body has an empty object. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: JsonObject
}

/** What a request says. */
export interface Said {
  readonly json?: unknown
  readonly body?: RequestInit['body']
  readonly headers?: Readonly<Record<string, string>>
}

/** What the models of IBM's SDK need to be there, as version 6.0.6 of `ibm-code-engine-sdk` has it. */
export const required = {
  job: [
    'computed_env_variables',
    'entity_tag',
    'image_reference',
    'name',
    'run_arguments',
    'run_commands',
    'run_env_variables',
    'run_mode',
    'run_service_account',
    'run_volume_mounts',
    'scale_array_spec',
    'scale_cpu_limit',
    'scale_ephemeral_storage_limit',
    'scale_memory_limit',
  ],
  jobRun: ['computed_env_variables', 'run_arguments', 'run_commands', 'run_env_variables', 'run_volume_mounts'],
  configMap: ['entity_tag', 'name'],
  secret: ['entity_tag', 'format', 'name'],
} as const

/** A queue `runs` in a folder of its own, a gateway over it, and a way to ask that. */
export async function setup(options: GatewayOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-code-engine-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const backend = localBackend({ directory, fsync: false })
  const queue = new Queue('runs', { backend, leaseSeconds: 3 })
  onTestFinished(() => queue.close())
  await queue.ready()
  const gateway = createGateway({ backend: localBackend({ directory, fsync: false }), ...options })
  onTestFinished(() => gateway.close())
  const runs = new Runs(queue)
  const ask = async (method: string, path: string, { json, body, headers }: Said = {}): Promise<Answer> => {
    const init = {
      method,
      headers: json === undefined ? { ...headers } : { 'Content-Type': 'application/json', ...headers },
      ...(json === undefined
        ? body === undefined
          ? {}
          : { body, duplex: 'half' as const }
        : { body: JSON.stringify(json) }),
    }
    const answer = await gateway(new Request(`http://localhost:8080/v2/projects${path}`, init), {
      remoteAddress: '127.0.0.1',
    })
    const text = await answer.text()
    const parsed = parseJson(text)
    return { status: answer.status, headers: answer.headers, text, body: isJsonObject(parsed) ? parsed : {} }
  }
  const worker = (): void => {
    const working = runs.work()
    onTestFinished(() => working.close({ timeoutSeconds: 0 }))
  }
  return { directory, gateway, queue, runs, ask, worker }
}

/** The refusal that an answer is, in Code Engine's form. */
export function refusalOf({ body, headers }: Answer) {
  expect(body).toMatchObject({ trace: headers.get('X-Global-Transaction-ID'), status_code: expect.any(Number) })
  const [error] = Array.isArray(body['errors']) ? body['errors'] : []
  expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z_]+$/), message: expect.stringMatching(/./) })
  return { status: body['status_code'], ...(isJsonObject(error) ? error : {}) }
}

/** The names of what is on a page. */
export function namesOf(answer: Answer, kind: string): unknown[] {
  const items = answer.body[kind]
  return Array.isArray(items) ? items.map((item) => (isJsonObject(item) ? item['name'] : item)) : []
}

/** Where the next page of an answer begins, and how it is asked for; undefined with the last one. */
export function nextOf({ body }: Answer): { readonly start: string; readonly href: string } | undefined {
  const { next } = body
  if (next === undefined) return undefined
  const { start, href } = isJsonObject(next) ? next : {}
  if (typeof start === 'string' && typeof href === 'string') return { start, href }
  throw new Error('What is next is not told as it should be')
}
