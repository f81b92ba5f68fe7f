import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tearDown } from '../../src/admin.ts'
import { createGateway } from '../../src/gateway.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { openStore } from '../../src/local/store.ts'
import { sweep } from '../../src/local/sweep.ts'
import { type Answer, jsonOf } from '../gateway/setup.ts'
import { nextOf, refusal } from '../queue/setup.ts'
import { freshDirectory, openDatabase } from './setup.ts'

const large = Buffer.alloc(100_000, 'x')

test('inputs and files go after the retention, and the result 30 days later', async () => {
  const { queue, directory, age, sweepNow } = await setup({ retentionDays: 15 })
  const handle = await queue.submit({ n: 1, body: large })
  await (await nextOf(queue)).complete({ value: 1, assets: { large, small: 'inside' } })
  expect(await readdir(join(directory, 'files'))).toHaveLength(2)

  await age(15.9)
  await sweepNow()
  expect(await (await handle.result()).assets['large']?.bytes()).toEqual(large)

  await age(0.2)
  await sweepNow()
  expect(await readdir(join(directory, 'files'))).toEqual([])
  expect(await handle.status()).toBe('completed')
  const { value, assets } = await handle.result()
  expect([value, await assets['small']?.text()]).toEqual([1, 'inside'])
  const gone = await refusal(assets['large']?.bytes() ?? Promise.resolve())
  expect([gone.code, gone.message]).toEqual([
    'NOT_FOUND',
    expect.stringMatching(/^There is no object at "assets\/.*": it was removed, or its retention is over$/),
  ])
  expect(await refusal(queue.retrieve(handle.key))).toMatchObject({
    code: 'NOT_FOUND',
    message: `There is no object at "${handle.key}": there never was, it was removed, or its retention is over`,
  })

  await age(30)
  await sweepNow()
  expect(await queue.status(handle.id)).toBeUndefined()
  expect(await refusal(queue.result(handle.id))).toMatchObject({ code: 'JOB_NOT_FOUND' })
})

test('what is below another prefix, or under a key of its own, stays', async () => {
  const { queue, directory, age, sweepNow } = await setup({ retentionDays: 15, prefix: 'team' })
  const other = new Queue('kept', { backend: localBackend({ directory }), prefix: 'other' })
  onTestFinished(() => other.close())
  const stays = await other.submit({ n: 1, body: 'stays' })
  const own = await queue.store({ key: 'photos/cat.jpg', body: 'mine' })
  const goes = await queue.store({ body: 'goes' })
  await age(400)
  await sweepNow()
  expect(await stays.status()).toBe('pending')
  expect(await (await queue.retrieve(own)).text()).toBe('mine')
  await expect(queue.retrieve(goes)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('bytes that were sent to a URL of the gateway go, whether or not a job was made of them', async () => {
  const { queue, directory, age, sweepNow } = await setup({ retentionDays: 15 })
  await using gateway = createGateway({ backend: localBackend({ directory, fsync: false }), open: true })
  const send = async (path: string, method: string, body: string | Uint8Array<ArrayBuffer>): Promise<Answer> => {
    const headers = { 'Content-Type': method === 'PUT' ? 'text/plain' : 'application/json' }
    const answer = await gateway(new Request(`http://localhost${path}`, { method, body, headers }))
    expect(answer.ok).toBe(true)
    return method === 'PUT' ? {} : jsonOf(answer)
  }
  for (const isTriggered of [true, false]) {
    const { url, key } = await send('/v1/queues/kept/uploads', 'POST', '{}')
    await send(String(url), 'PUT', large)
    if (isTriggered) await send('/v1/queues/kept/trigger', 'POST', JSON.stringify({ key }))
  }
  await (await nextOf(queue)).complete()
  await age(15.9)
  await sweepNow()
  expect(await readdir(join(directory, 'files'))).toHaveLength(2)
  await age(0.2)
  await sweepNow()
  expect(await readdir(join(directory, 'files'))).toEqual([])
})

test('a process that does not know of the retention sweeps by it too, and nothing goes without one', async () => {
  const { queue, directory, age, sweepNow } = await setup({})
  const handle = await queue.submit({ n: 1, body: 'input' })
  await age(5000)
  await sweepNow()
  expect(await handle.status()).toBe('pending')
  const provisioner = new Queue('kept', { backend: localBackend({ directory }), retentionDays: 15 })
  await provisioner.ready()
  await provisioner.close()
  await sweepNow()
  expect(await handle.status()).toBeUndefined()
})

test('thousands of objects go, young ones between them stay', async () => {
  const { queue, directory, age, sweepNow } = await setup({ retentionDays: 15 })
  await queue.submitMany(Array.from({ length: 1200 }, (_, n) => ({ n, body: 'old' })))
  await age(17)
  const young = await queue.submit({ n: 0, body: large })
  await sweepNow()
  const rows = openDatabase(directory).prepare("SELECT key FROM objects WHERE key LIKE 'inputs/%'").all()
  expect(rows).toMatchObject([{ key: young.key }])
  expect(await (await queue.retrieve(young.key)).bytes()).toEqual(large)
  expect(existsSync(join(directory, 'files'))).toBe(true)
})

test('a queue that is taken down takes its retention with it', async () => {
  const { queue, directory } = await setup({ retentionDays: 15 })
  await queue.close()
  const backend = localBackend({ directory })
  const other = new Queue('other', { backend, retentionDays: 20 })
  onTestFinished(() => other.close())
  await other.ready()
  await tearDown('kept', { backend })
  const rows = openDatabase(directory).prepare('SELECT DISTINCT bucket FROM expiries').all()
  expect(rows).toMatchObject([{ bucket: 'remotejobs-other' }])
})

async function setup(options: { readonly retentionDays?: number; readonly prefix?: string }) {
  const directory = await freshDirectory()
  const queue = new Queue('kept', { backend: localBackend({ directory, fsync: false }), ...options })
  onTestFinished(() => queue.close())
  await queue.ready()
  return {
    queue,
    directory,
    /** Makes everything that is stored so many days older. */
    age: async (days: number): Promise<void> => {
      openDatabase(directory).exec(`UPDATE objects SET modified_at = modified_at - ${Math.round(days * 86_400_000)}`)
    },
    sweepNow: async (): Promise<void> => {
      const store = await openStore(directory, false)
      await sweep(store)
      await store.close()
    },
  }
}
