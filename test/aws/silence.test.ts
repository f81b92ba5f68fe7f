import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import type { OpenBackend } from '../../src/backend.ts'
import { type Emulator, startEmulator } from '../servers/emulator.ts'
import { newPlace } from './setup.ts'

/** Milliseconds. Short where no answer ever comes; long where the second try is answered, by a server that may have other work. */
const short = { objects: 300, messages: 300, polls: 400 }
const long = { objects: 3000, messages: 3000, polls: 4000 }

const calls: readonly (readonly [
  name: string,
  operation: string,
  tries: number,
  call: (opened: OpenBackend, queue: string) => Promise<unknown>,
])[] = [
  ['a PUT', 'PutObject', 2, ({ objects }) => objects.put('key', Buffer.from('body'))],
  ['a PUT if absent', 'PutObject', 2, ({ objects }) => objects.putIfAbsent('key', Buffer.from('body'))],
  ['an upload in parts', 'CreateMultipartUpload', 2, ({ objects }) => objects.put('key', parts())],
  ['a GET', 'GetObject', 2, ({ objects }) => objects.get('key')],
  ['a HEAD', 'HeadObject', 2, ({ objects }) => objects.head('key')],
  ['a LIST', 'ListObjectsV2', 2, ({ objects }) => objects.list('')],
  ['a send', 'SendMessage', 2, (opened, queue) => opened.queue(queue).send({ body: 'body' })],
  ['a delete', 'DeleteMessage', 2, (opened, queue) => opened.queue(queue).delete('receipt')],
  ['a heartbeat', 'ChangeMessageVisibility', 2, (opened, queue) => opened.queue(queue).extend('receipt', 30)],
  [
    'a long poll',
    'ReceiveMessage',
    1,
    (opened, queue) => opened.queue(queue).receive({ max: 1, waitSeconds: 1, leaseSeconds: 30 }),
  ],
]

describe('a server that accepts and never answers', () => {
  test.each(calls)('costs %s one bounded wait, and is told clearly', async (_, operation, tries, call) => {
    const { emulator, opened, queue, bucket } = await setup()
    emulator.fail({ operation, times: Infinity, answer: 'hang' })
    const error: unknown = await call(opened, queue).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(told(operation, bucket, queue)) })
    expect(emulator.count(operation)).toBe(tries)
  })

  test.each(calls.filter(([, , tries]) => tries > 1))(
    'for one connection only does not fail %s',
    async (_, operation, __, call) => {
      const { emulator, opened, queue } = await setup(long)
      const [message] = await received(opened, queue)
      emulator.reset()
      emulator.fail({ operation, answer: 'hang' })
      const isHeartbeat = operation === 'ChangeMessageVisibility'
      await (isHeartbeat ? opened.queue(queue).extend(message?.receipt ?? '', 30) : call(opened, queue))
      expect(emulator.count(operation)).toBe(2)
    },
  )

  test('does not take from what a request may otherwise go through', async () => {
    const { emulator, opened } = await setup(long)
    emulator.fail({ operation: 'PutObject', answer: 'hang' })
    emulator.fail({ operation: 'PutObject', from: 2, times: 4, answer: { status: 500 } })
    await opened.objects.put('key', Buffer.from('body'))
    expect(emulator.count('PutObject')).toBe(6)
  })
})

describe('a request that fails', () => {
  test.each([
    ['PutObject', ({ objects }: OpenBackend) => objects.put('key', Buffer.from('body'))],
    ['GetObject', async ({ objects }: OpenBackend) => buffer((await objects.get('there'))?.body ?? Readable.from([]))],
    ['SendMessage', (opened: OpenBackend, queue: string) => opened.queue(queue).send({ body: 'body' })],
    [
      'ReceiveMessage',
      (opened: OpenBackend, queue: string) => opened.queue(queue).receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 }),
    ],
  ] as const)('is made six times: %s', async (operation, call) => {
    const { emulator, opened, queue } = await setup(long)
    await opened.objects.put('there', Buffer.from('body'))
    emulator.reset()
    emulator.fail({ operation, times: 5, answer: 'drop' })
    await call(opened, queue)
    expect(emulator.count(operation)).toBe(6)
    emulator.fail({ operation, times: Infinity, answer: { status: 500 } })
    await expect(call(opened, queue)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(emulator.count(operation)).toBe(12)
  })
})

function told(operation: string, bucket: string, queue: string): RegExp {
  const target = /Object$|Upload$/.test(operation) ? `"${bucket}/key"` : `bucket "${bucket}"`
  const named = /Message/.test(operation) ? `queue "${queue}"` : target
  return new RegExp(`^No answer to ${operation} on ${named} \\(.*\\): check the network and \`endpoint\`$`)
}

/** More than fits into one request. */
function parts(): Readable {
  return Readable.from([Buffer.alloc(5 * 1024 * 1024), Buffer.alloc(4 * 1024 * 1024)])
}

async function received(opened: OpenBackend, queue: string) {
  await opened.queue(queue).send({ body: 'body' })
  return opened.queue(queue).receive({ max: 1, waitSeconds: 1, leaseSeconds: 30 })
}

async function setup(
  patience = short,
): Promise<{ emulator: Emulator; opened: OpenBackend; queue: string; bucket: string }> {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const place = newPlace()
  const opened = awsBackend(emulator.options, patience).open(place)
  onTestFinished(() => opened.close())
  await opened.ready()
  const queue = place.pendingQueue ?? ''
  await opened.queue(queue).send({ body: 'so that its URL is known' })
  await opened.queue(queue).receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })
  emulator.reset()
  return { emulator, opened, queue, bucket: place.bucket }
}
