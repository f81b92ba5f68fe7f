import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { queue as lookAt, queues } from '../../src/admin.ts'
import type { Backend } from '../../src/backend.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { freshDirectory, openPlace } from '../local/setup.ts'
import { grounds, useStage } from '../queue/setup.ts'
import { startEmulator } from '../servers/emulator.ts'

describe.each(grounds)('on $ground', ({ start }) => {
  const stage = useStage(start)

  test('an overview tells what waits, is delayed, is in hand, is dead and was announced', async () => {
    const { queue, name, backend, send } = await stage.setup()
    await queue.submitMany([{}, {}, {}, {}, [{}, { delaySeconds: 900 }]])
    await (await queue.next()).complete()
    await queue.next()
    await send('of no use', 'dead')
    expect(await lookAt(name, { backend })).toMatchObject({
      name,
      waiting: 2,
      delayed: 1,
      inFlight: 1,
      dead: 1,
      announced: { completed: 1, failed: 0 },
    })
  })

  test('the age is that of the oldest job that waits, and undefined where none does', async () => {
    const { queue, name, backend } = await stage.setup()
    expect((await lookAt(name, { backend })).oldestSeconds).toBeUndefined()
    await queue.submitMany([{}, {}])
    const first = Date.now()
    await (await queue.next()).complete()
    const { oldestSeconds = -1 } = await lookAt(name, { backend })
    expect(oldestSeconds).toBeGreaterThanOrEqual((Date.now() - first) / 1000 - 1)
    expect(oldestSeconds).toBeLessThan((Date.now() - first) / 1000 + 20)
  })

  test('all queues are found by their names, those of others are not', async () => {
    const scenes = [await stage.setup(), await stage.setup({ statuses: ['pending'] })]
    const unbound = await stage.setup({ statuses: ['completed'] })
    for (const { queue } of [...scenes, unbound]) await queue.ready()
    const found = await queues({ backend: unbound.backend })
    const names = found.map(({ name }) => name)
    expect(names).toEqual(names.toSorted())
    expect(names).toEqual(expect.arrayContaining(scenes.map(({ name }) => name)))
    expect(names).not.toContain(unbound.name)
    expect(found.find(({ name }) => name === scenes[1]?.name)?.announced).toEqual({})
  })

  test('a queue that is not there is NOT_FOUND', async () => {
    const { backend } = await stage.setup()
    await expect(lookAt('nobodys', { backend })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('There is no queue "nobodys" (no "nobodys-pending")'),
    })
  })

  test('a signal ends it with its reason', async () => {
    const { backend } = await stage.setup()
    await expect(queues({ backend, signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  })
})

describe('in a local directory', () => {
  test('nothing is made where there is none', async () => {
    const directory = await freshDirectory()
    await expect(queues({ backend: localBackend({ directory }) })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('counts are exact, and messages that are too old do not count', async () => {
    const directory = await freshDirectory()
    const { pending } = await openPlace(directory)
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now - 15 * 24 * 3_600_000)
    await pending.send({ body: 'forgotten' })
    vi.mocked(Date.now).mockReturnValue(now - 60_000)
    await pending.send({ body: 'a minute old' })
    vi.mocked(Date.now).mockReturnValue(now)
    onTestFinished(() => void vi.restoreAllMocks())
    const [found] = await queues({ backend: localBackend({ directory }) })
    expect(found).toMatchObject({ name: 'test', waiting: 1, oldestSeconds: 60, isApproximate: false })
  })
})

describe('on SQS', () => {
  async function setup() {
    const emulator = await startEmulator()
    onTestFinished(() => emulator.close())
    const open = async (name: string): Promise<Queue> => {
      const queue = new Queue(name, emulator.options)
      onTestFinished(() => queue.close())
      await queue.ready()
      return queue
    }
    return { emulator, open, asked: () => emulator.requests.map(({ operation }) => operation).toSorted() }
  }

  test('all queues take one listing and a request for each message queue, and nothing is asked about age where none waits', async () => {
    const { emulator, open, asked } = await setup()
    await Promise.all(['cats', 'dogs'].map(open))
    emulator.reset()
    const found = await queues(emulator.options)
    expect(found.map(({ name, isApproximate }) => [name, isApproximate])).toEqual([
      ['cats', true],
      ['dogs', true],
    ])
    expect(asked()).toEqual([...Array<string>(8).fill('GetQueueAttributes'), 'ListQueues'])
  })

  test('the age of the oldest takes two listings where little has ended', async () => {
    const { emulator, open } = await setup()
    const queue = await open('cats')
    await queue.submit({ body: 'waits' })
    emulator.reset()
    expect((await lookAt('cats', emulator.options)).oldestSeconds).toBeLessThan(60)
    expect(emulator.count('ListObjectsV2')).toBe(2)
  })

  test('the age is looked for on five pages at most', async () => {
    const { emulator, open } = await setup()
    const queue = await open('cats')
    await queue.submitMany([{}, {}, {}])
    for (let job = 0; job < 3; job += 1) await (await queue.next()).complete()
    await queue.submit({})
    emulator.reset()
    expect((await lookAt('cats', emulator.options)).oldestSeconds).toBeLessThan(60)
    expect(emulator.count('ListObjectsV2')).toBe(2)
    emulator.interpose = (request, perform) => {
      if (request.operation === 'ListObjectsV2') request.query.set('max-keys', '1')
      return perform(request)
    }
    emulator.reset()
    expect((await lookAt('cats', emulator.options)).oldestSeconds).toBeUndefined()
    expect(emulator.count('ListObjectsV2')).toBe(5)
  })

  test('a bucket that may not be listed, or has another name, leaves the age out', async () => {
    const { emulator, open } = await setup()
    await (await open('cats')).submit({})
    emulator.fail({ operation: 'ListObjectsV2', answer: { status: 403, code: 'AccessDenied' } })
    expect(await lookAt('cats', emulator.options)).toMatchObject({ waiting: 1, oldestSeconds: undefined })
    const elsewhere = await lookAt('cats', { ...emulator.options, bucket: 'nobodys-bucket' })
    expect(elsewhere).toMatchObject({ waiting: 1, oldestSeconds: undefined })
  })

  test('more queues than a page holds are all found', async () => {
    const { emulator, open } = await setup()
    await Promise.all(['cats', 'dogs'].map(open))
    let pages = 0
    emulator.interpose = (request, perform) => {
      if (request.operation !== 'ListQueues') return perform(request)
      pages += 1
      expect(JSON.parse(request.body)).toMatchObject({ MaxResults: 1000 })
      const payload = Buffer.from(JSON.stringify({ ...JSON.parse(request.body), MaxResults: 3 }))
      return perform({ ...request, payload, body: payload.toString() })
    }
    expect((await queues(emulator.options)).map(({ name }) => name)).toEqual(['cats', 'dogs'])
    expect(pages).toBeGreaterThan(1)
  })
})

test('a backend without administration is UNSUPPORTED', async () => {
  const { open } = localBackend({ directory: await freshDirectory() })
  const bare: Backend = { open }
  await expect(queues({ backend: bare })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
})
