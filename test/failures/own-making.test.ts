import { PassThrough } from 'node:stream'
import { CreateQueueCommand, DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Queue, type QueueOptions, type WorkerEvent } from '../../src/index.ts'
import { refusal } from '../queue/setup.ts'
import { type Answer, type Emulator, startEmulator } from '../servers/emulator.ts'

/** What goes wrong because of its user is told in one line: what happened, and what to do. */

let emulator: Emulator
let names = 0

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())
afterEach(() => {
  emulator.reset()
  vi.unstubAllEnvs()
})

describe('credentials', () => {
  const refused = (name: string): string =>
    `AWS does not accept these credentials (${name}): check the access key and its secret, and the session token of temporary ones`

  test.each([
    ['an access key that is none', 'InvalidAccessKeyId', 'InvalidClientTokenId'],
    ['a wrong secret', 'SignatureDoesNotMatch', 'InvalidSignatureException'],
  ])('with %s', async (_, s3Code, sqsCode) => {
    emulator.fail({ ...ofS3, answer: { status: 403, code: s3Code }, times: Infinity })
    emulator.fail({ ...ofSqs, answer: { status: 403, code: sqsCode }, times: Infinity })
    const error = await refusal(newQueue().submit({ n: 1 }))
    expect([error.code, [refused(s3Code), refused(sqsCode)]]).toEqual([
      'NO_CREDENTIALS',
      expect.arrayContaining([error.message]),
    ])
  })

  test('that have expired', async () => {
    emulator.fail({ answer: { status: 400, code: 'ExpiredToken' }, times: Infinity })
    const error = await refusal(newQueue().submit({ n: 1 }))
    expect([error.code, error.message]).toEqual([
      'NO_CREDENTIALS',
      'The AWS credentials have expired (ExpiredToken): sign in again or renew them',
    ])
  })
})

describe('a clock that is wrong', () => {
  const earlier = 'Signature expired: 20260101T000000Z is now earlier than 20260101T005500Z (20260101T010000Z - 5 min.)'
  const later = 'Signature not yet current: 20260101T020000Z is still later than 20260101T010500Z'
  const skewed = 'The difference between the request time and the current time is too large.'

  test.each<[string, string, Answer, string]>([
    [
      'S3',
      'PutObject',
      { status: 403, code: 'RequestTimeTooSkewed', message: skewed },
      'PutObject on "BUCKET/inputs/mine"',
    ],
    ['SQS', 'SendMessage', sqsSkew(earlier), 'SendMessage on queue "QUEUE"'],
    ['SQS, the other way', 'SendMessage', sqsSkew(later), 'SendMessage on queue "QUEUE"'],
  ])('is told by %s', async (_, operation, answer, what) => {
    const queue = newQueue()
    await queue.ready()
    emulator.fail({ operation, answer, times: Infinity })
    const error = await refusal(queue.submit({ n: 1 }, { id: 'mine' }))
    expect([error.code, error.message]).toEqual([
      'ACCESS_DENIED',
      `AWS refused ${named(what, queue.name)}: this machine's clock is off by minutes; set it, and let NTP keep it right`,
    ])
  })

  test('is corrected by the SDK where the answer tells the time', async () => {
    const queue = newQueue()
    await queue.ready()
    emulator.reset()
    const now = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
    onTestFinished(() => void vi.restoreAllMocks())
    const answer = { status: 403, code: 'RequestTimeTooSkewed', message: skewed }
    emulator.fail({ operation: 'PutObject', answer })
    await queue.submit({ n: 1 })
    expect(emulator.count('PutObject')).toBe(2)
  })
})

describe('one permission that is missing', () => {
  const s3Denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
  const sqsDenied = { status: 403, code: 'AccessDeniedException', message: 'Access to the resource is denied.' }

  test.each<[string, Answer, (queue: Queue) => Promise<unknown>, string]>([
    ['PutObject', s3Denied, (queue) => queue.submit({}, { id: 'mine' }), 's3:PutObject on "BUCKET/inputs/mine"'],
    ['SendMessage', sqsDenied, (queue) => queue.submit({}), 'sqs:SendMessage on queue "QUEUE"'],
    ['ReceiveMessage', sqsDenied, (queue) => queue.next(), 'sqs:ReceiveMessage on queue "QUEUE"'],
    ['ListObjectsV2', s3Denied, (queue) => Array.fromAsync(queue.list()), 's3:ListBucket on bucket "BUCKET"'],
    [
      'GetObject',
      s3Denied,
      (queue) => queue.result('mine'),
      's3:GetObject on "BUCKET/results/mine.json"; if there is no such object, s3:ListBucket on bucket "BUCKET" is what is missing',
    ],
  ])('for %s is named', async (operation, answer, call, what) => {
    const queue = newQueue()
    await queue.ready()
    emulator.fail({ operation, answer, times: Infinity })
    const error = await refusal(call(queue))
    expect([error.code, error.message]).toEqual([
      'ACCESS_DENIED',
      `Access denied: these credentials lack ${named(what, queue.name)}`,
    ])
  })
})

describe('a queue that is deleted while a worker polls', () => {
  test('is told, with what to do; the worker waits longer and longer, and goes on when it is back', async () => {
    const queue = newQueue()
    await queue.ready()
    const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
    onTestFinished(() => sqs.destroy())
    const QueueName = `${queue.name}-pending`
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }))
    const errors: WorkerEvent[] = []
    const onEvent = (event: WorkerEvent): void => void (event.name === 'error' && errors.push(event))
    const worker = queue.work(() => ({ value: 'done' }), { concurrency: 40, onEvent })
    onTestFinished(() => worker.close({ timeoutSeconds: 0 }))
    await emulator.until('ReceiveMessage', 1)
    const first = await queue.submit({ n: 1 })
    await first.result({ timeoutSeconds: 10 })
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    await vi.waitFor(() => expect(errors.length).toBeGreaterThanOrEqual(3), { timeout: 25_000 })
    for (const { error } of errors) {
      expect(error).toMatchObject({
        code: 'NOT_FOUND',
        message: `The queue "${QueueName}" does not exist in this region and account, or not any more: check its name and \`region\`, or let ready() of a new Queue make it`,
      })
    }
    const delays = errors.map(({ delaySeconds = 0 }) => delaySeconds)
    expect(delays.slice(0, 3)).toEqual([0.2, 0.4, 0.8])
    await sqs.send(new CreateQueueCommand({ QueueName }))
    const second = await queue.submit({ n: 2 })
    expect(await second.result({ timeoutSeconds: 10 })).toMatchObject({ value: 'done' })
  })
})

describe('a bucket that is deleted while a file goes up', () => {
  test('is told, with what to do, and the file is let go of', async () => {
    const queue = newQueue()
    await queue.ready()
    const Bucket = `remotejobs-${queue.name}`
    const body = new PassThrough()
    const rejected = refusal(queue.submit({ n: 1, body }))
    body.write(Buffer.alloc(9 * 1024 * 1024))
    await emulator.until('UploadPart', 1)
    // The emulator itself deletes no bucket that has an upload under way.
    emulator.fail({ operation: 'UploadPart', answer: { status: 404, code: 'NoSuchBucket' }, times: Infinity })
    body.write(Buffer.alloc(9 * 1024 * 1024))
    const error = await rejected
    expect([error.code, error.message]).toEqual([
      'NOT_FOUND',
      `The bucket "${Bucket}" does not exist, or not any more: check \`bucket\` and \`region\`, or let ready() of a new Queue make it`,
    ])
    expect(body.destroyed).toBe(true)
    expect(emulator.count('SendMessage')).toBe(0)
  })
})

const ofS3 = { where: ({ service }: { readonly service: string }) => service === 's3' }
const ofSqs = { where: ({ service }: { readonly service: string }) => service === 'sqs' }

function sqsSkew(message: string): Answer {
  return { status: 403, code: 'InvalidSignatureException', message }
}

function newQueue(options: QueueOptions<Record<string, unknown>, Record<string, unknown>> = {}): Queue {
  const queue = new Queue(`own-making-${(names += 1)}`, { ...emulator.options, ...options })
  onTestFinished(async () => {
    emulator.reset()
    await queue.close()
  })
  return queue
}

function named(text: string, name: string): string {
  return text.replaceAll('BUCKET', `remotejobs-${name}`).replaceAll('QUEUE', `${name}-pending`)
}
