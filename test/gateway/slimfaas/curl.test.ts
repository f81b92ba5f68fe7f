import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { listen } from './front.ts'
import { fibonacci, type Listed, type Scene, setup } from './setup.ts'

/**
 * What is sent to a shell: curl where there is one, and elsewhere the same requests by fetch, which calls a text what curl calls a form.
 */
const run = promisify(execFile)
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
)

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** As `curl -X <method> <path> --data <body>`, with these headers. */
async function curl(port: number, method: string, path: string, data?: string, header?: string): Promise<Answer> {
  const url = `http://localhost:${port}${path}`
  if (!hasCurl) {
    const type = header?.replace(/^Content-Type: /, '') ?? 'application/x-www-form-urlencoded'
    const init = data === undefined ? {} : { body: data, headers: { 'Content-Type': type } }
    const answer = await fetch(url, { method, ...init })
    return { status: answer.status, body: parsed(await answer.text()) }
  }
  const words = ['-sS', '-w', '\n%{http_code}', '-X', method, url]
  if (header !== undefined) words.push('-H', header)
  if (data !== undefined) words.push('--data', data)
  const { stdout } = await run('curl', words)
  const at = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(at + 1)), body: parsed(stdout.slice(0, at)) }
}

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** What the documentation shows, older and newer: with a content type, and with none. */
const shapes = {
  'arguments alone': { Args: ['10'] },
  'all that a request can say': {
    Args: ['10'],
    DependsOn: ['fibonacci2'],
    Resources: { Requests: { cpu: '200m', memory: '200Mi' }, Limits: { cpu: '200m', memory: '200Mi' } },
    BackoffLimit: 1,
    TtlSecondsAfterFinished: 100,
    RestartPolicy: 'Never',
  },
  'an image of the list, and variables': {
    Image: 'axaguildev/fibonacci-batch:1.0.1',
    Args: ['42', '43'],
    DependsOn: ['fibonacci2'],
    Environments: [],
    Resources: { Requests: { cpu: '200m', memory: '200Mi' }, Limits: { cpu: '200m', memory: '200Mi' } },
    BackoffLimit: 1,
    TtlSecondsAfterFinished: 100,
    RestartPolicy: 'Never',
  },
}
const batch = {
  ...fibonacci,
  Command: undefined,
  Image: 'axaguildev/fibonacci-batch:latest',
  ImagesWhitelist: ['axaguildev/fibonacci-batch:*'],
}
const entries = { fibonacci: JSON.parse(JSON.stringify(batch)) as object, fibonacci2: fibonacci }

/** The documentation's configuration, with a job that others depend on. */
async function world(): Promise<Scene & { readonly port: number }> {
  const scene = await setup(entries)
  const port = await listen(scene.gateway)
  await scene.submit('fibonacci2')
  return { ...scene, port }
}

const types = ['Content-Type: application/json', undefined, 'Content-Type: text/plain', 'Content-Type:']
const calls = Object.entries(shapes).flatMap(([name, shape]) => types.map((type) => [name, type, shape] as const))

test.each(calls)('curl submits %s with the header %j, to a job and to a schedule', async (_, type, shape) => {
  const { port, list } = await world()
  const job = await curl(port, 'POST', '/job/fibonacci', JSON.stringify(shape), type)
  expect(job).toMatchObject({ status: 202, body: { Id: expect.any(String) } })
  expect(await list('fibonacci')).toMatchObject([job.body])
  const body = JSON.stringify({ Schedule: '0 0 * * *', ...shape })
  expect(await curl(port, 'POST', '/job-schedules/fibonacci', body, type)).toMatchObject({ status: 201 })
})

test('curl does all that the documentation does, one after the other', async () => {
  const { port } = await world()
  const none = await curl(port, 'POST', '/job/fibonacci')
  expect(none.status).toBe(202)
  const { Id } = none.body as { readonly Id: string }
  const listed = await curl(port, 'GET', '/job/fibonacci')
  expect(listed).toMatchObject({ status: 200, body: [{ Id, Status: 'Queued', PositionInQueue: 1 }] })
  expect((listed.body as readonly Listed[])[0]?.StartTimestamp).toBe(-1)
  expect(await curl(port, 'DELETE', `/job/fibonacci/${Id}`)).toEqual({ status: 200, body: undefined })
  expect(await curl(port, 'DELETE', `/job/fibonacci/${Id}`)).toMatchObject({ status: 404 })
  const schedule = await curl(port, 'POST', '/job-schedules/fibonacci', '{"Schedule":"0 0 * * *","Args":["10"]}')
  const { Id: guid } = schedule.body as { readonly Id: string }
  expect(await curl(port, 'GET', '/job-schedules/fibonacci')).toMatchObject({ body: [{ Id: guid, Args: ['10'] }] })
  expect(await curl(port, 'DELETE', `/job-schedules/fibonacci/${guid}`)).toEqual({ status: 204, body: undefined })
  expect(await curl(port, 'PUT', '/job/fibonacci', '{}')).toMatchObject({ status: 405 })
  expect(await curl(port, 'PATCH', '/job/fibonacci', '{}')).toMatchObject({ status: 405 })
  expect(await curl(port, 'GET', '/jobs/status')).toMatchObject({ status: 200, body: [{ Name: 'fibonacci' }, {}] })
})
