import { once } from 'node:events'
import { open, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PutBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3'
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doctor, type DoctorOptions, type Finding, policyFor, provision, queue as lookAt } from '../../src/admin.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { freshDirectory, openDatabase } from '../local/setup.ts'
import { grounds, useStage } from '../queue/setup.ts'
import { startEmulator } from '../servers/emulator.ts'
import { xmlReply } from '../servers/reply.ts'

const bad = (found: readonly Finding[]) => found.filter(({ ok }) => ok !== true)
const find = (found: readonly Finding[], check: string) => found.find((one) => one.check === check)

describe.each(grounds)('on $ground', ({ start }) => {
  const stage = useStage(start)

  test('a queue that is as it should be is found well, a round trip included, and no job is touched', async () => {
    const { queue, name, backend, keys } = await stage.setup()
    const { id } = await queue.submit({ body: 'not to be touched' })
    const before = await keys()
    const found = await doctor(name, { backend, roundTrip: true })
    expect(bad(found)).toEqual([])
    expect(found.map(({ check }) => check)).toEqual(expect.arrayContaining(['Node.js', 'round trip']))
    expect(await keys()).toEqual(before)
    expect(await lookAt(name, { backend })).toMatchObject({
      waiting: 1,
      inFlight: 0,
      dead: 0,
      announced: { failed: 0 },
    })
    const job = await queue.next()
    expect([job.id, job.attempt]).toEqual([id, 1])
  })

  test('a queue that is not there is found wrong, with what to do, and is not made', async () => {
    const { backend } = await stage.setup()
    const found = await doctor('nobodys', { backend })
    expect(bad(found).length).toBeGreaterThan(0)
    for (const { advice } of bad(found)) expect(advice).toMatch(/^[A-Z].*\.$/)
    await expect(lookAt('nobodys', { backend })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('without a name only the place is looked at, and each finding is told as it comes', async () => {
    const { queue, backend } = await stage.setup()
    await queue.ready()
    const told: string[] = []
    const found = await doctor(undefined, { backend, onFinding: ({ check }) => void told.push(check) })
    expect(bad(found)).toEqual([])
    expect(told.toSorted()).toEqual(found.map(({ check }) => check).toSorted())
    expect(found.map(({ check }) => check)).not.toContain('conditional writes')
  })

  test('bad arguments reject, and a signal ends it with its reason', async () => {
    const { name, backend } = await stage.setup()
    await expect(doctor('no/name', { backend })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(doctor(name, { backend, timeoutSeconds: 0 })).rejects.toThrow('Expected `timeoutSeconds`')
    await expect(doctor(name, { backend, signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  })
})

describe('on S3 and SQS alone', () => {
  async function setup() {
    const emulator = await startEmulator()
    const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
    const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
    onTestFinished(async () => {
      s3.destroy()
      sqs.destroy()
      await emulator.close()
    })
    await provision('cats', emulator.options)
    emulator.reset()
    const examine = (options?: DoctorOptions) => doctor('cats', { ...emulator.options, ...options })
    const urlOf = (name: string): string => `${emulator.endpoint}/000000000000/${name}`
    return { emulator, s3, sqs, urlOf, examine }
  }

  test('every permission of the policies is tried, one by one', async () => {
    const { examine } = await setup()
    for (const role of ['requester', 'worker', 'operator'] as const) {
      const granted = policyFor(role, 'cats').Statement.flatMap(({ Action }) => Action)
      const tried = (await examine({ role })).map(({ check }) => check.split(' ', 1)[0])
      expect(granted.filter((action) => !tried.includes(action))).toEqual([])
    }
    const found = await examine({ role: 'worker' })
    expect(find(found, 's3:PutObject on remotejobs-cats/results/*')).toMatchObject({ ok: true, detail: 'granted' })
    expect(find(found, 'sqs:SendMessage on cats-dead')).toMatchObject({ ok: true })
  })

  test.each([
    ['PutObject', 's3:PutObject on remotejobs-cats/results/*', /^results\//],
    ['HeadObject', 's3:GetObject on remotejobs-cats/inputs/*', /^inputs\//],
    ['DeleteObject', 's3:DeleteObject on remotejobs-cats/live/*', /^live\//],
    ['AbortMultipartUpload', 's3:AbortMultipartUpload on remotejobs-cats/assets/*', /^assets\//],
    ['ListObjectsV2', 's3:ListBucket on remotejobs-cats', undefined],
    ['SendMessage', 'sqs:SendMessage on cats-completed', 'cats-completed'],
    ['ReceiveMessage', 'sqs:ReceiveMessage on cats-pending', 'cats-pending'],
    ['DeleteMessage', 'sqs:DeleteMessage on cats-pending', 'cats-pending'],
    ['ChangeMessageVisibility', 'sqs:ChangeMessageVisibility on cats-pending', 'cats-pending'],
  ])('%s that is denied is found, and nothing else', async (operation, check, key) => {
    const { emulator, examine } = await setup()
    const denied = { times: Infinity, answer: { status: 403, code: 'AccessDenied' } } as const
    const of = key === undefined ? {} : { key }
    emulator.fail({ ...denied, operation, ...of })
    // The answer to a HEAD does not say why, so a GET asks again.
    if (operation === 'HeadObject') emulator.fail({ ...denied, operation: 'GetObject', ...of })
    const found = await examine({ role: 'worker' })
    expect(bad(found)).toMatchObject([
      {
        check,
        ok: false,
        detail: expect.stringContaining(`lack ${check.split(' ', 1)[0]}`),
        advice: expect.stringContaining('Grant it'),
      },
    ])
  })

  test('settings that endanger jobs are warned of', async () => {
    const { s3, sqs, urlOf, examine } = await setup()
    const Attributes = { MessageRetentionPeriod: '86400', RedrivePolicy: '' }
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: urlOf('cats-pending'), Attributes }))
    const rule = { ID: 'old', Status: 'Enabled', Filter: { Prefix: 'inputs/' }, Expiration: { Days: 3 } } as const
    const results = { ...rule, ID: 'results', Filter: { Prefix: 'results/' }, Expiration: { Days: 30 } }
    const LifecycleConfiguration = { Rules: [rule, results, { ...rule, ID: 'off', Status: 'Disabled' as const }] }
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: 'remotejobs-cats', LifecycleConfiguration }))
    const found = await examine()
    expect(find(found, 'queue cats-pending')).toMatchObject({
      ok: 'warning',
      detail: expect.stringMatching(/for 1 days/),
    })
    expect(find(found, 'dead letters of cats-pending')).toMatchObject({ ok: false, detail: 'no dead-letter queue' })
    expect(find(found, 'lifecycle rules')).toMatchObject({
      ok: 'warning',
      detail: '"old" removes inputs/ after 3 days; "results" removes results/ after 30 days',
    })
  })

  test('a store that ignores conditional writes is found wrong', async () => {
    const { emulator, examine } = await setup()
    emulator.ignoreConditions = true
    expect(find(await examine(), 'conditional writes')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('twice'),
    })
  })

  test('versions, locks and a clock that is off are warned of', async () => {
    const { emulator, examine } = await setup()
    emulator.interpose = async (request, perform) => {
      if (request.operation === 'GetBucketVersioning')
        return xmlReply('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
      const reply = await perform(request)
      const date = new Date(Date.now() + 120_000).toUTCString()
      return request.operation === 'HeadBucket' ? { ...reply, headers: { ...reply.headers, date } } : reply
    }
    const found = await examine()
    expect(find(found, 'versions and locks')).toMatchObject({ ok: 'warning', detail: 'versioning is on' })
    expect(find(found, 'clock')).toMatchObject({ ok: 'warning', detail: expect.stringMatching(/^1[12]\d s/) })
    emulator.interpose = (request, perform) =>
      request.operation === 'GetObjectLockConfiguration'
        ? Promise.resolve(
            xmlReply(
              '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
            ),
          )
        : perform(request)
    expect(find(await examine(), 'versions and locks')).toMatchObject({ ok: 'warning', detail: 'object lock is on' })
  })

  test('credentials are told by their kind and the end of their key, never by the secret', async () => {
    const { emulator, examine } = await setup()
    const secretAccessKey = 'a-secret-that-is-none'
    const keys = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey, sessionToken: 'a-token-that-is-none' }
    const expiration = new Date(Date.now() - 1000)
    const found = await examine({ credentials: { ...keys, expiration } })
    expect(find(found, 'credentials')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^a temporary key that ends in MPLE/),
      advice: 'Sign in again, or renew them.',
    })
    expect(JSON.stringify(found)).not.toMatch(/that-is-none|ASIAIOSF/)
    const none = await doctor('cats', {
      ...emulator.options,
      credentials: () =>
        Promise.reject(Object.assign(new Error('nobody signed in'), { name: 'CredentialsProviderError' })),
    })
    expect(find(none, 'credentials')).toMatchObject({ ok: false, detail: expect.stringContaining('nobody signed in') })
    expect(none.map(({ check }) => check)).toEqual(['Node.js', 'credentials', 'region', 'all else'])
    expect(none.at(-1)).toMatchObject({ ok: 'warning', detail: expect.stringMatching(/^\d\d checks were not made/) })
  })

  test('where nobody answers, all checks end in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const { emulator } = await setup()
    const endpoint = `http://127.0.0.1:${port}`
    const found = await doctor('cats', { ...emulator.options, endpoint, timeoutSeconds: 1, role: 'operator' })
    expect(find(found, 'bucket remotejobs-cats')).toMatchObject({ ok: false, detail: 'no answer within 1 seconds' })
    expect(find(found, 'region')).toMatchObject({ ok: true, detail: 'us-east-1' })
    expect(found.filter(({ detail }) => detail === 'no answer within 1 seconds').length).toBeGreaterThan(10)
  })

  test('a round trip that fails leaves nothing behind', async () => {
    const { emulator, examine } = await setup()
    emulator.fail({
      operation: 'PutObject',
      key: /results/,
      times: Infinity,
      answer: { status: 403, code: 'AccessDenied' },
    })
    const found = await examine({ roundTrip: true, role: 'operator' })
    expect(find(found, 'round trip')).toMatchObject({ ok: false, detail: expect.stringContaining('s3:PutObject') })
    const made = emulator.requests.filter(({ operation }) => operation === 'CreateQueue').map(({ key }) => key)
    const gone = emulator.requests.filter(({ operation }) => operation === 'DeleteQueue').map(({ key }) => key)
    expect(made.length).toBe(2)
    expect(gone.toSorted()).toEqual(made.toSorted())
  })
})

describe('in a local directory', () => {
  async function setup() {
    const directory = await freshDirectory()
    const options = { backend: localBackend({ directory }) }
    await provision('cats', options)
    return { directory, options }
  }

  test('a directory without a store is found wrong, and stays as it is', async () => {
    const directory = await freshDirectory()
    const found = await doctor(undefined, { backend: localBackend({ directory }) })
    expect(find(found, `directory ${directory}`)).toMatchObject({ ok: false, detail: 'there is no store in it' })
    expect(await readdir(directory)).toEqual([])
  })

  test('a database that somebody holds is found, within the time that was given', async () => {
    const { directory, options } = await setup()
    const database = openDatabase(directory)
    database.exec('BEGIN IMMEDIATE')
    const found = await doctor('cats', { ...options, timeoutSeconds: 2 })
    expect(find(found, 'locks')).toMatchObject({
      ok: false,
      detail: 'no answer within 2 seconds',
      advice: expect.stringContaining('a database shell'),
    })
    expect(find(found, 'free space')).toMatchObject({ ok: true })
    database.exec('ROLLBACK')
  })

  test('a damaged database is found', async () => {
    const { directory, options } = await setup()
    const queue = new Queue('cats', options)
    await queue.submitMany(Array.from({ length: 50 }, () => ({ body: Buffer.alloc(5000, 'x') })))
    await queue.close()
    const file = await open(join(directory, 'remotejob.sqlite3'), 'r+')
    const { size } = await file.stat()
    await file.write(Buffer.alloc(size / 4, 0xff), 0, size / 4, size / 2)
    await file.close()
    expect(find(await doctor('cats', options), 'database')).toMatchObject({
      ok: false,
      advice: expect.stringContaining('restore it from a copy'),
    })
  })

  test('a file that is no database is found wrong by all who need it', async () => {
    const directory = await freshDirectory()
    await writeFile(join(directory, 'remotejob.sqlite3'), 'a text of that name')
    const found = await doctor('cats', { backend: localBackend({ directory }) })
    expect(find(found, 'database')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('not an SQLite database'),
    })
    expect(find(found, 'free space')).toMatchObject({ ok: true })
  })
})
