import { once } from 'node:events'
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3'
import { finished } from 'node:stream/promises'
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { policyFor, tearDown } from '../src/admin.ts'
import { type Operation, permissions } from '../src/aws/permissions.ts'
import { type Job, type JobHandle, Queue, type QueueOptions } from '../src/index.ts'
import { Schedules, tickOf } from '../src/cron.ts'
import { fireSchedules } from '../src/lifecycle/fire-schedules.ts'
import { fireTimers } from '../src/lifecycle/fire-timers.ts'
import { KnownSchedules } from '../src/lifecycle/known-schedules.ts'
import { makeTick } from '../src/lifecycle/make-tick.ts'
import { standingSchedules } from '../src/lifecycle/standing-schedules.ts'
import { schedulesPrefix } from '../src/protocol/schedule-keys.ts'
import { ownPrefixes } from '../src/protocol/keys.ts'
import { reapDead } from '../src/lifecycle/reap-dead.ts'
import { source } from '../src/worker.ts'
import { snippetsOf } from './fresh-project.ts'
import { type Emulator, type RecordedRequest, startEmulator } from './servers/emulator.ts'
import { xmlReply } from './servers/reply.ts'

const roles = ['provisioner', 'requester', 'worker', 'operator', 'administrator'] as const
type Role = (typeof roles)[number]

const large = { note: 'x'.repeat(3000) }
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
  const [provisioner, requester, worker, operator] = [
    queueOf('provisioner', { provision: 'auto', retentionDays: 90 }),
    queueOf('requester'),
    queueOf('worker'),
    queueOf('operator'),
  ]
  await provisioner.ready()
  // The rules of a bucket that is there are looked at first.
  await using again = queueOf('provisioner', { provision: 'auto', retentionDays: 60 })
  await again.ready()
  await request(requester)
  await work(worker)
  await lose(worker, await requester.submit({}))

  await loseLate(worker, await requester.submit({}))
  await reapIdly(worker, await requester.submit({}, { attempts: 1 }))
  await operate(operator, requester)
  expect((await Array.fromAsync(requester.logs('own')))[0]?.bytes).toEqual(Buffer.from('one line\n'))
  const { assets } = await requester.result('own')
  expect((await assets['output']?.bytes())?.byteLength).toBe(70_000)
  await schedule(operator, worker)
  await Promise.all([provisioner, requester, worker, operator].map((queue) => queue.close()))
  await dismantle()
  await using anew = queueOf('provisioner', { provision: 'auto' })
  await anew.ready()
}, 60_000)

afterAll(() => emulator.close())

/** A queue whose requests can be told by their access key. */
function queueOf(role: Role, options: QueueOptions<Record<string, unknown>, Record<string, unknown>> = {}): Queue {
  const keys = { ...emulator.options, credentials: keysOf(role) }
  return new Queue('thumbs', { ...keys, provision: 'never', leaseSeconds: 3, ...options })
}

const keysOf = (name: string) => ({ accessKeyId: name, secretAccessKey: 'a-secret-that-is-none' })

/** All that a requester can do with jobs and objects. */
async function request(queue: Queue): Promise<void> {
  await queue.submit({ ...large, body: 'kept' }, { id: 'own' })
  await queue.submit({ ...large, body: 'thrown away' }, { id: 'own' })
  await expect(queue.submit({ body: 'thrown away' }, { id: 'own' })).rejects.toThrow('belongs to another job')
  await queue.submit({ body: 'a job’s own' })
  await queue.remove(await queue.store({ ...large, body: 'stored and removed' }))
  const { id, key } = await queue.submit({ note: 'x'.repeat(60_000), body: 'of a job that is cancelled' })
  expect(await (await queue.retrieve(key)).text()).toBe('of a job that is cancelled')
  expect([await queue.status(id), await queue.cancel(id)]).toEqual(['pending', true])
  await queue.remove(key)
  const stored = await queue.store({ body: 'stored' })
  expect(await (await queue.retrieve(stored)).text()).toBe('stored')
  await queue.trigger('pending', stored)
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() - 7_200_000)
  await queue.submit({ body: 'whose time has come since' }, { delaySeconds: 3600 }).finally(() => vi.restoreAllMocks())
  await queue.retry('own')
  for await (const { submittedAt } of queue.list()) expect(submittedAt).toBeInstanceOf(Date)
  for (const send of [queue.submit({ body: brokenBody() }), queue.store({ body: brokenBody() })]) {
    await expect(send).rejects.toThrow('half-way')
  }
}

/** Fails when its first parts are stored. */
async function* brokenBody(): AsyncGenerator<Buffer> {
  for (let part = 0; part < 3; part += 1) yield Buffer.alloc(8 * 1024 * 1024)
  throw new Error('half-way')
}

/** All that a worker can meet and do. */
async function work(queue: Queue): Promise<void> {
  await sendByHand('null')
  await sendByHand(JSON.stringify({ Records: [uploaded('x'), uploaded('x')] }))
  expect(await fireTimers(await queue[source].open(), {})).toHaveLength(1)
  const twice: Job[] = []
  for (let job = await take(queue); job; job = await take(queue)) {
    if (job.key === 'x') twice.push(job)
    else if (job.attempt === 1) await tryAndGiveBack(job)
    else await job.complete({ body: Buffer.alloc(70_000) })
  }
  const [first, second] = twice
  await first?.acknowledge()
  await expect(second?.acknowledge()).rejects.toThrow('Another worker acknowledged')
  await first?.fail(new Error('no such upload'))
}

const take = (queue: Queue) => queue.next('pending', { waitSeconds: 1 })

async function tryAndGiveBack(job: Job): Promise<void> {
  await job.bytes()
  await job.progress('read')
  const log = job.createLog('notes')
  log.end('one line\n')
  await finished(log)
  await expect(job.complete({ body: brokenBody() })).rejects.toThrow('half-way')
  await job.release()
}

/** A worker that learns at its heartbeat that its job was cancelled, and hands back its work all the same. */
async function lose(worker: Queue, handle: JobHandle): Promise<void> {
  const job = await worker.next()
  job.hold()
  const aborted = once(job.signal, 'abort')
  expect(await handle.cancel()).toBe(true)
  await aborted
  await expect(job.complete({ body: Buffer.alloc(70_000) })).rejects.toThrow('cancelled already')
}

/** A worker that learns only when it has stored its files that its job was cancelled. */
async function loseLate(worker: Queue, handle: JobHandle): Promise<void> {
  const job = await worker.next()
  expect(await handle.cancel()).toBe(true)
  await expect(job.complete({ body: Buffer.alloc(70_000) })).rejects.toThrow('cancelled already')
}

/** A worker that has nothing to do. */
async function reapIdly(worker: Queue, handle: JobHandle): Promise<void> {
  const id = await die(handle)
  expect(await reapDead(await worker[source].open(), {})).toEqual({ failed: [id], resent: [] })
}

/** All that can be done about jobs that fell out of the usual way. */
async function operate(queue: Queue, requester: Queue): Promise<void> {
  const wornOut = await die(await requester.submit({}, { attempts: 1 }))
  const unlucky = await die(await requester.submit({}))
  expect(await queue.reap()).toMatchObject({ failed: [wornOut], resent: [unlucky] })
  const id = await die(await requester.submit(large))
  expect((await Array.fromAsync(queue.deadLetters())).map((letter) => letter.id)).toEqual(
    expect.arrayContaining([undefined, id]),
  )
  const [redriven] = await queue.redrive({ ids: [id] })
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 61_000)
  const { resent } = await queue.reap({ olderThanSeconds: 60 }).finally(() => vi.restoreAllMocks())
  expect(resent).toEqual(expect.arrayContaining([unlucky, redriven?.newId]))
}

/** All that can be done with a schedule, and what a scheduler does for it. */
async function schedule(operator: Queue, worker: Queue): Promise<void> {
  const schedules = new Schedules(operator)
  await schedules.create({ name: 'often', cron: '* * * * *', job: large })
  await schedules.pause('often')
  await schedules.resume('often')
  const [w, known] = [await worker[source].open(), new KnownSchedules()]
  const ids = await fireSchedules(w, { known })
  expect(ids.length).toBeGreaterThan(0)
  const [standing] = (await standingSchedules(w, schedulesPrefix, {})).schedules
  const read = standing && (await known.read(w, standing, {}))
  const at = tickOf(ids[0] ?? '')?.at.getTime() ?? 0
  // Another one did the same at the same time.
  expect(read && (await makeTick(w, read.record, { at, now: at }, {}))).toEqual({ id: ids[0], isOurs: false })
  await schedules.update('often', { cron: '0 0 1 1 *' })
  expect([(await Array.fromAsync(schedules.list())).length, await schedules.delete('often')]).toEqual([1, true])
}

/** Removes all of it: once as it is, and once with versions of its objects and an upload that nobody finished. */
async function dismantle(): Promise<void> {
  const options = { ...emulator.options, credentials: keysOf('administrator') }
  const removed = await tearDown('thumbs', options)
  expect(removed.filter(({ error }) => error)).toEqual([])
  await using other = new Queue('thumbs', emulator.options)
  await other.submit({})
  const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
  await s3.send(new CreateMultipartUploadCommand({ Bucket: 'remotejobs-thumbs', Key: 'inputs/cut off' }))
  s3.destroy()
  emulator.interpose = async (request, perform) => {
    if (request.operation === 'GetBucketVersioning')
      return xmlReply('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
    if (request.operation !== 'ListObjectVersions') return perform(request)
    const version = '<Version><Key>inputs/a</Key><VersionId>1</VersionId><IsLatest>true</IsLatest></Version>'
    return xmlReply(`<ListVersionsResult>${version}</ListVersionsResult>`)
  }
  expect((await tearDown('thumbs', options)).map(({ kind }) => kind)).toContain('uploads')
  emulator.interpose = (request, perform) => perform(request)
}

/** Puts a job's message where it would be, had it been received too often. */
async function die({ id }: JobHandle): Promise<string> {
  const { sqs, urlOf } = byHand()
  const pending = await urlOf('thumbs-pending')
  for (let found = false; !found;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: pending, WaitTimeSeconds: 1, VisibilityTimeout: 1 }),
    )
    for (const { Body = '', ReceiptHandle } of Messages.filter((message) => message.Body?.includes(id))) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf('thumbs-dead'), MessageBody: Body }))
      await sqs.send(new DeleteMessageCommand({ QueueUrl: pending, ReceiptHandle }))
      found = true
    }
  }
  sqs.destroy()
  return id
}

/** S3's notification of an object; the same event twice is one job. */
function uploaded(key: string) {
  return { s3: { bucket: { name: 'remotejobs-thumbs' }, object: { key, sequencer: '0055AED6DCD90281E5' } } }
}

async function sendByHand(body: string): Promise<void> {
  const { sqs, urlOf } = byHand()
  await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf('thumbs-pending'), MessageBody: body }))
  sqs.destroy()
}

function byHand() {
  const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false, credentials: keysOf('somebody') })
  const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl
  return { sqs, urlOf }
}

/** What a policy grants, or a request needs. */
interface Grant {
  readonly action: string
  readonly resource: string
}

/** As the documents have it. */
const place = { region: 'eu-central-1', account: '123456789012' }

function grantsOf(role: Role, replies = false): Grant[] {
  return policyFor(role, 'thumbs', { ...place, replies }).Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
  )
}

function needsOf(role: string): Grant[] {
  const own = emulator.requests.filter(({ headers }) => headers.authorization?.includes(`Credential=${role}/`))
  return own.map(({ operation, ...request }) => ({
    action: permissions[nameOf(operation, request.body)],
    resource: operation === 'ListQueues' ? '*' : resourceOf(request),
  }))
}

function nameOf(operation: string, body: string): Operation {
  const isOfVersions = operation === 'DeleteObjects' && body.includes('<VersionId>')
  return (isOfVersions ? 'DeleteObjectVersions' : operation.replace(/Batch$/, '')) as Operation
}

function resourceOf({ service, bucket, key, query }: Omit<RecordedRequest, 'operation'>): string {
  // Which objects is in its body, and what is granted has to cover any.
  if (query.has('delete')) return `arn:aws:s3:::${bucket}/any`
  if (service === 'sqs') return `arn:aws:sqs:eu-central-1:123456789012:${key}`
  return `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`
}

function covers(grant: Grant, need: Grant): boolean {
  const { action, resource } = grant
  if (action !== need.action) return false
  return resource.endsWith('*') ? need.resource.startsWith(resource.slice(0, -1)) : need.resource === resource
}

test.each(roles)('the policy of the %s grants all that it asks of S3 and SQS', (role) => {
  const grants = grantsOf(role)
  const needs = needsOf(role)
  expect(needs.length).toBeGreaterThan(10)
  expect(needs.filter((need) => !grants.some((grant) => covers(grant, need)))).toEqual([])
})

test.each(roles)('the policy of the %s grants nothing that it never asks for', (role) => {
  const grants = grantsOf(role)
  const needs = needsOf(role)
  expect(grants.filter((grant) => !needs.some((need) => covers(grant, need)))).toEqual([])
})

test.each(roles)('the policy of the %s in the documents is the one that is made', async (role) => {
  const printed = (await snippetsOf('docs/how-to/set-up-aws.md')).find(({ name }) => name === role)
  expect(JSON.parse(printed?.code ?? '')).toEqual(policyFor(role, 'thumbs', place))
})

test('a policy is for the bucket, the folder, the queues and the partition that the options name', () => {
  const options = { bucket: 'shared-bucket', prefix: 'team', statuses: ['pending'], region: 'cn-north-1' }
  const { Statement } = policyFor('worker', 'Thumbs_1', options)
  const resources = Statement.flatMap(({ Resource }) => Resource)
  expect(resources).toContain('arn:aws-cn:s3:::shared-bucket')
  expect(resources).toContain('arn:aws-cn:s3:::shared-bucket/team/results/*')
  expect(resources.filter((resource) => resource.includes(':sqs:'))).toEqual([
    'arn:aws-cn:sqs:cn-north-1:*:Thumbs_1-*',
    'arn:aws-cn:sqs:cn-north-1:*:Thumbs_1-dead',
    'arn:aws-cn:sqs:cn-north-1:*:Thumbs_1-pending',
    'arn:aws-cn:sqs:cn-north-1:*:Thumbs_1-dead',
    'arn:aws-cn:sqs:cn-north-1:*:Thumbs_1-pending',
  ])
})

test('whoever tears down is granted no bucket that others use, and none of their objects', () => {
  const bucketsOf = (options: object) =>
    policyFor('administrator', 'thumbs', { ...place, ...options }).Statement.slice(0, 2)
  const [shared, below] = bucketsOf({ bucket: 'shared-bucket', prefix: 'team' })
  expect([shared?.Action, below?.Resource]).toEqual([
    expect.not.arrayContaining(['s3:DeleteBucket']),
    'arn:aws:s3:::shared-bucket/team/*',
  ])
  const [named, own] = bucketsOf({ bucket: 'shared-bucket' })
  expect(named?.Action).toContain('s3:DeleteBucket')
  expect(own?.Resource).toEqual(ownPrefixes.map((prefix) => `arn:aws:s3:::shared-bucket/${prefix}*`))
})

test('a policy that nothing would be granted by is left out, and what cannot be is refused', () => {
  const { Statement } = policyFor('requester', 'thumbs', { ...place, statuses: ['completed'] })
  expect(Statement.map(({ Action }) => Action)).not.toContain('sqs:SendMessage')
  expect(() => policyFor('worker', 'thumbs', { account: '1' })).toThrow('Expected `account` to be 12 digits, got "1"')
  expect(() => policyFor('worker', 'thumbs', { region: 'a"b' })).toThrow('Expected `region`')
  // @ts-expect-error -- no such role
  expect(() => policyFor('king', 'thumbs')).toThrow('Expected `role` to be one of "provisioner"')
})

test('with buckets that are watched, operators and workers are granted what events of their objects need', async () => {
  const named = { ...emulator.options, provision: 'never' } as const
  await using subscriber = new Queue('thumbs', { ...named, credentials: keysOf('subscriber') })
  await using worker = new Queue('thumbs', { ...named, credentials: keysOf('watcher') })
  const events = await (await subscriber[source].open()).events()
  await using watched = new Queue('photos', { ...emulator.options, bucket: 'watched-photos' })
  await watched.store({ key: 'a.jpg', body: 'x' })
  const filter = { eventType: 'all', prefix: '', suffix: '' } as const
  await events.route('watched-photos', 'thumbs-pending', [filter])
  await (await (await worker[source].open()).events()).head('watched-photos', 'a.jpg')
  const granted = (role: Role): Grant[] =>
    policyFor(role, 'thumbs', { ...place, watches: ['watched-photos'] }).Statement.flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
    )
  for (const [role, name] of [
    ['operator', 'subscriber'],
    ['worker', 'watcher'],
  ] as const) {
    const needs = needsOf(name)
    expect(needs.some(({ resource }) => resource.includes('watched-photos'))).toBe(true)
    expect(needs.filter((need) => !granted(role).some((grant) => covers(grant, need)))).toEqual([])
  }
  expect(granted('requester')).toEqual(grantsOf('requester'))
  expect(() => policyFor('worker', 'thumbs', { watches: ['No_Bucket'] })).toThrow('Expected `bucket`')
})

test('with replies, requesters and workers are granted what their reply queues need', async () => {
  const named = { ...emulator.options, provision: 'never', replies: true } as const
  await using requester = new Queue('thumbs', { ...named, credentials: keysOf('replier') })
  await using worker = new Queue('thumbs', { ...named, replies: false, credentials: keysOf('answerer') })
  const handle = await requester.submit({})
  const result = handle.result()
  for (let job = await take(worker); job; job = await take(worker)) await job.complete()
  expect((await result).id).toBe(handle.id)
  await requester.close()
  const asked = [
    { needs: needsOf('replier'), grants: grantsOf('requester', true) },
    { needs: needsOf('answerer'), grants: grantsOf('worker', true) },
  ]
  for (const { needs, grants } of asked) {
    expect(needs.some(({ resource }) => resource.includes('thumbs-reply-'))).toBe(true)
    expect(needs.filter((need) => !grants.some((grant) => covers(grant, need)))).toEqual([])
  }
})
