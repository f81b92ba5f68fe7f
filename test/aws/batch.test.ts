import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { Batcher } from '../../src/aws/batcher.ts'
import { awsBackend } from '../../src/aws/backend.ts'
import type { MessageQueue } from '../../src/backend.ts'
import { settingsFrom } from '../../src/lifecycle/settings.ts'
import { startEmulator } from '../servers/emulator.ts'

/** A batcher whose batches are answered by hand. */
function setup(sizeOf?: (entry: string) => number) {
  const batches: {
    entries: readonly string[]
    answer: (fates?: readonly unknown[]) => void
    fail: (error: Error) => void
  }[] = []
  const batcher = new Batcher<string>({
    ...(sizeOf && { sizeOf }),
    send: (entries) =>
      new Promise((resolve, reject) => {
        batches.push({ entries, answer: (fates = entries.map(() => undefined)) => resolve(fates), fail: reject })
      }),
  })
  const add = (...entries: string[]): Promise<void>[] => entries.map((entry) => batcher.add(entry))
  const sent = (): string[] => batches.map(({ entries }) => entries.join(''))
  return { batcher, batches, add, sent }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

describe('a batcher', () => {
  it('sends a lone entry at once', async () => {
    const { add, batches, sent } = setup()
    const [one] = add('a')
    await turn()
    expect(sent()).toEqual(['a'])
    batches[0]?.answer()
    await one
  })

  it('sends what comes meanwhile together, and full batches without waiting', async () => {
    const { add, batches, sent } = setup()
    const all = add('a')
    await turn()
    all.push(...add('b', 'c'))
    await turn()
    expect(sent()).toEqual(['a'])
    all.push(...add(...'defghijklm'.split('')))
    await turn()
    expect(sent()).toEqual(['a', 'bcdefghijk'])
    batches[0]?.answer()
    batches[1]?.answer()
    await turn()
    expect(sent()).toEqual(['a', 'bcdefghijk', 'lm'])
    batches[2]?.answer()
    await Promise.all(all)
  })

  it('never puts more than a mebibyte into one batch', async () => {
    const { add, sent } = setup(() => 400 * 1024)
    void add('a', 'b', 'c')
    await turn()
    expect(sent()).toEqual(['ab'])
  })

  it('tells each caller of its own failure, and all when the request failed', async () => {
    const { add, batches } = setup()
    const partly = Promise.allSettled(add('a', 'b'))
    await turn()
    batches[0]?.answer([undefined, new Error('b is too long')])
    expect((await partly).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    const wholly = Promise.allSettled(add('c', 'd'))
    await turn()
    batches[1]?.fail(new Error('no network'))
    expect((await wholly).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('leaves out an entry whose caller gave up, and rejects with the reason', async () => {
    const { add, batcher, batches, sent } = setup()
    void add('a')
    await turn()
    const { signal } = new AbortController()
    const controller = new AbortController()
    const given = Promise.allSettled([batcher.add('b', { signal: controller.signal }), batcher.add('c', { signal })])
    controller.abort(new Error('never mind'))
    batches[0]?.answer()
    await turn()
    expect(sent()).toEqual(['a', 'c'])
    batches[1]?.answer()
    expect(await given).toMatchObject([
      { status: 'rejected', reason: { message: 'never mind' } },
      { status: 'fulfilled' },
    ])
  })

  it('lets patient entries wait for company, but not for ever', async () => {
    const { batcher, batches, sent } = setup()
    const alone = batcher.add('a', {}, 0.05)
    await turn()
    expect(sent()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(sent()).toEqual(['a'])
    batches[0]?.answer()
    await alone
    const many = 'bcdefghijk'.split('').map((entry) => batcher.add(entry, {}, 60))
    await turn()
    expect(sent()).toEqual(['a', 'bcdefghijk'])
    batches[1]?.answer()
    await Promise.all(many)
  })
})

/** A queue over mocked answers: no server here fails one entry of a batch and not the others. */
async function mocked(
  failed: object,
): Promise<{ queue: MessageQueue; singles: () => number; close: () => Promise<void> }> {
  const emulator = await startEmulator()
  const sqs = new SQSClient(emulator.options)
  const { place } = settingsFrom('batch', {})
  const backend = awsBackend({ ...emulator.options, sqs }).open(place)
  await backend.ready()
  const mock = mockClient(sqs)
  mock.onAnyCommand().rejects(new Error('not expected'))
  mock
    .on(SendMessageBatchCommand)
    .resolves({ Successful: [], Failed: [{ Id: '1', Code: 'x', SenderFault: false, ...failed }] })
  mock.on(SendMessageCommand).resolves({ MessageId: 'again' })
  const close = async (): Promise<void> => {
    mock.restore()
    await backend.close()
    sqs.destroy()
    await emulator.close()
  }
  // The queue's URL is known since `ready`.
  return { queue: backend.queue('batch-pending'), singles: () => mock.commandCalls(SendMessageCommand).length, close }
}

describe('a batch that SQS takes in part', () => {
  it('fails only the entry at fault, translated', async () => {
    const { queue, singles, close } = await mocked({
      Code: 'InvalidMessageContents',
      Message: 'bad character',
      SenderFault: true,
    })
    const [first, second, third] = await Promise.allSettled(['a', 'b', 'c'].map((body) => queue.send({ body })))
    expect([first?.status, third?.status, singles()]).toEqual(['fulfilled', 'fulfilled', 0])
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_ARGUMENT' } })
    await close()
  })

  it('sends again by itself what SQS was to blame for', async () => {
    const { queue, singles, close } = await mocked({ Code: 'InternalError', SenderFault: false })
    await Promise.all(['a', 'b', 'c'].map((body) => queue.send({ body })))
    expect(singles()).toBe(1)
    await close()
  })
})
