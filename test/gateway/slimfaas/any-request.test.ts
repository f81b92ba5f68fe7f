import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fibonacci, setup } from './setup.ts'

/** What a member may be: what belongs there, and what does not. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '\0',
    '../..',
    '__proto__',
    'constructor',
    '1e400',
    '-0',
    '🧨',
    'a'.repeat(20_000),
    1e308,
    -1,
    2 ** 53,
  ),
)
const name = fc.oneof(
  fc.constantFrom('fibonacci', 'FIBONACCI', 'image', 'default', 'constructor', '__proto__', 'ab', '-ab', 'nobody'),
  fc.string({ maxLength: 40 }),
)
const fitting = {
  Args: ['10'],
  Image: 'a/b:2',
  BackoffLimit: 1,
  TtlSecondsAfterFinished: 60,
  RestartPolicy: 'Never',
  Resources: { Requests: { cpu: '200m' }, Limits: { memory: '1Gi' } },
  Environments: [{ Name: 'A', Value: '1' }],
  DependsOn: [],
}
/** What fits, with one member that may not. */
const members = fc
  .tuple(
    fc.subarray(Object.entries(fitting)),
    fc.option(fc.constantFrom('0 0 * * *', '*/0 * * * *', '* * * * * *', '0 0 30 2 *', '0-99999999 * * * *')),
    fc.option(
      fc.oneof(
        fc.tuple(fc.constantFrom(...Object.keys(fitting), 'Schedule', 'args', '__proto__'), odd),
        fc.tuple(fc.constant('Args'), fc.array(fc.string())),
        fc.tuple(fc.constant('DependsOn'), fc.array(fc.oneof(name, fc.webUrl()))),
        fc.tuple(fc.constant('Environments'), fc.array(fc.record({ Name: odd, Value: odd }))),
        fc.tuple(fc.constant('Environments'), fc.array(fc.record({ Name: fc.string(), SecretRef: odd }))),
        fc.tuple(fc.constant('Resources'), fc.record({ Requests: odd, Limits: fc.dictionary(fc.string(), odd) })),
      ),
    ),
  )
  .map(([most, Schedule, one]) =>
    Object.fromEntries([...most, ...(Schedule ? [['Schedule', Schedule]] : []), ...(one ? [one] : [])]),
  )
const body = fc.oneof(
  { weight: 5, arbitrary: members.map((value) => JSON.stringify(value)) },
  odd.map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
  fc.constant(undefined),
)
const request = fc.oneof(
  fc.record({
    method: fc.constant('POST'),
    room: fc.constantFrom('job', 'job-schedules'),
    name: fc.constantFrom('fibonacci', 'image'),
    id: fc.constant(undefined),
    body,
  }),
  fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'),
    room: fc.constantFrom('job', 'job-schedules', 'jobs', 'status-jobs'),
    name,
    id: fc.oneof(fc.constant(undefined), fc.uuid(), fc.string(), fc.constant('status')),
    body,
  }),
)

test(
  'a thousand odd requests are answered, none with a fault of the gateway, and none tells of its inside',
  { timeout: 300_000 },
  async () => {
    const faults: unknown[] = []
    const { call, directory, gateway } = await setup(
      { fibonacci, image: { Image: 'a/b:1', ImagesWhitelist: ['a/b:*'], Visibility: 'Public' } },
      { options: { onError: (error) => faults.push(error) } },
    )
    await gateway.ready()
    const statuses = new Set<number>()
    const ask = async ({
      method,
      room,
      name: job,
      id,
      body: sent,
    }: typeof request extends fc.Arbitrary<infer Value> ? Value : never) => {
      const path = ['', room, encodeURIComponent(job), ...(id === undefined ? [] : [encodeURIComponent(id)])].join('/')
      const answer = await call(method, path, method === 'GET' || method === 'HEAD' ? undefined : sent)
      const text = await answer.text()
      statuses.add(answer.status)
      expect([path, answer.status, text]).toEqual([path, expect.toSatisfy((status: number) => status < 500), text])
      expect(text).not.toMatch(/\.ts:\d|node_modules|at \w+ \(/)
      expect(text).not.toContain(directory)
      if (answer.status >= 400 && method !== 'HEAD') expect(text).not.toBe('')
    }
    await fc.assert(fc.asyncProperty(request, ask), { numRuns: 1000 })
    expect(faults).toEqual([])
    // It came as far as to make something, and to refuse it.
    for (const status of [200, 202, 201, 400, 404, 405]) expect([...statuses]).toContain(status)
  },
)
