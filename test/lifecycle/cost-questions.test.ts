import { describe, expect, test } from 'vitest'
import { body, large, small, useCosts } from './cost-setup.ts'

const { setup } = useCosts()

describe('what requesters and listeners ask, request by request', () => {
  test('status of a job that has ended is one get; of one that waits, two gets and a head', async () => {
    const { queue, requestsOf } = await setup()
    const handle = await queue.submit({ n: 1 })
    const waiting = ['GetObject results', 'GetObject live', 'HeadObject inputs']
    expect(await requestsOf(() => handle.status())).toEqual(waiting)
    await (await queue.next()).complete()
    expect(await requestsOf(() => queue.status(handle.id))).toEqual(['GetObject results'])
  })

  test('result is one get when the job has ended, and assets that ride in it are free', async () => {
    const { queue, requestsOf } = await setup()
    const handle = await queue.submit({ n: 1 })
    await (await queue.next()).complete({ small, large })
    const read = (name: string) => async () => (await handle.result()).assets[name]?.bytes()
    expect(await requestsOf(() => handle.result())).toEqual(['GetObject results'])
    expect(await requestsOf(read('small'))).toEqual(['GetObject results'])
    expect(await requestsOf(read('large'))).toEqual(['GetObject results', 'GetObject assets'])
  })

  test('cancel costs a head and a put, and one get more where it came too late', async () => {
    const { queue, requestsOf } = await setup()
    const { id } = await queue.submit({ n: 1 })
    expect(await requestsOf(() => queue.cancel(id))).toEqual(['HeadObject inputs', 'PutObject results'])
    const late = ['HeadObject inputs', 'PutObject results', 'GetObject results']
    expect(await requestsOf(() => queue.cancel(id))).toEqual(late)
  })

  test('a worker that learns of a cancellation costs one get more, and takes the message off', async () => {
    const { queue, requestsOf } = await setup()
    const { id } = await queue.submit({ n: 1 })
    const job = await queue.next()
    await queue.cancel(id)
    const end = ['PutObject results', 'GetObject results', 'SendMessage failed', 'DeleteMessage pending']
    expect(await requestsOf(() => job.complete().catch(() => {}))).toEqual(end)
  })

  test('a list of the last minutes costs three pages, one get for a job that has ended, two for one that waits', async () => {
    const { queue, requestsOf } = await setup()
    for (let n = 0; n < 2; n += 1) await queue.submit({ n })
    const list = () => Array.fromAsync(queue.list({ since: new Date(Date.now() - 600_000) }))
    const ofJob = ['GetObject live', 'GetObject results']
    const pages = ['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']
    expect((await requestsOf(list)).toSorted()).toEqual([...ofJob, ...ofJob, ...pages].toSorted())
    for (let n = 0; n < 2; n += 1) await (await queue.next()).complete()
    expect((await requestsOf(list)).toSorted()).toEqual(['GetObject results', 'GetObject results', ...pages])
  })

  test('the newest job of a list costs one page', async () => {
    const { queue, requestsOf } = await setup()
    for (let n = 0; n < 2; n += 1) await queue.submit({ n })
    const newest = () => Array.fromAsync(queue.list({ limit: 1 }))
    expect(await requestsOf(newest)).toEqual(['ListObjectsV2', 'GetObject results', 'GetObject live'])
  })

  test.each(['all', 'results', 'none'] as const)('%s: the input is read with one get more', async (records) => {
    const { queue, requestsOf } = await setup({ records })
    await queue.submit({ body })
    const job = await queue.next()
    expect(await requestsOf(() => job.text())).toEqual(['GetObject inputs'])
  })

  test.each(['all', 'results', 'none'] as const)(
    '%s: an announcement costs a receive and a delete',
    async (records) => {
      const { queue, requestsOf } = await setup({ records })
      await queue.submit({ n: 1 })
      await (await queue.next()).complete({ body: 'small' })
      const consume = async (): Promise<void> => {
        const job = await queue.next('completed')
        expect(await job.text('output')).toBe('small')
        await job.acknowledge()
      }
      expect(await requestsOf(consume)).toEqual(['ReceiveMessage completed', 'DeleteMessage completed'])
    },
  )

  test('a record above 4 KiB is left to its object: whoever reads it at an announcement costs one get more', async () => {
    const { queue, requestsOf } = await setup()
    await queue.submit({ n: 1 })
    await (await queue.next()).complete({ body: Buffer.alloc(4096) })
    const consume = async (): Promise<void> => {
      const job = await queue.next('completed')
      await job.result()
      await job.acknowledge()
    }
    const requests = ['ReceiveMessage completed', 'GetObject results', 'DeleteMessage completed']
    expect(await requestsOf(consume)).toEqual(requests)
  })

  test('store is one put, retrieve one head and then one get, remove a head and a delete', async () => {
    const { queue, requestsOf } = await setup()
    let key = ''
    expect(await requestsOf(async () => (key = await queue.store({ n: 1, body })))).toEqual(['PutObject stored'])
    expect(await requestsOf(() => queue.retrieve(key))).toEqual(['HeadObject stored'])
    expect(await requestsOf(async () => (await queue.retrieve(key)).bytes())).toEqual([
      'HeadObject stored',
      'GetObject stored',
    ])
    expect(await requestsOf(() => queue.remove(key))).toEqual(['HeadObject stored', 'DeleteObject stored'])
  })
})
