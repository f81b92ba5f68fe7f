import { existsSync } from 'node:fs'
import { readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { openStore, type Store } from '../../src/local/store.ts'
import { retention, sweep } from '../../src/local/sweep.ts'
import { freshDirectory, openDatabase, openPlace } from './setup.ts'

const large = Buffer.alloc(100_000)
const twoHoursAgo = new Date(Date.now() - 7_200_000)

test('a file that nobody finished is swept when it is an hour old, and not before', async () => {
  const { directory, store } = await setup()
  await writeFile(join(directory, 'tmp', 'old'), 'half')
  await writeFile(join(directory, 'tmp', 'young'), 'half')
  await utimes(join(directory, 'tmp', 'old'), twoHoursAgo, twoHoursAgo)
  await sweep(store)
  expect(await readdir(join(directory, 'tmp'))).toEqual(['young'])
})

test('a file in place that no row names is swept, and one that a row names is kept', async () => {
  const { directory, store, objects } = await setup()
  await objects.put('kept', large)
  const [kept = ''] = await readdir(join(directory, 'files'))
  for (const name of ['lost', kept]) {
    // What a crash leaves between the file's second name and its row, or between row and first name.
    await writeFile(join(directory, 'tmp', name), 'x')
    await utimes(join(directory, 'tmp', name), twoHoursAgo, twoHoursAgo)
  }
  await writeFile(join(directory, 'files', 'lost'), 'x')
  await sweep(store)
  expect(await readdir(join(directory, 'files'))).toEqual([kept])
  expect(await readdir(join(directory, 'tmp'))).toEqual([])
})

test('the file of an object whose replacement was not finished is swept', async () => {
  const { directory, store, objects } = await setup()
  await objects.put('key', large)
  const [file = ''] = await readdir(join(directory, 'files'))
  const database = openDatabase(directory)
  database.exec(`INSERT INTO garbage (file) VALUES ('${file}'); DELETE FROM objects`)
  await sweep(store)
  expect(existsSync(join(directory, 'files', file))).toBe(false)
  expect(database.prepare('SELECT * FROM garbage').all()).toEqual([])
})

test('a file that is swept while its writer was stopped is never named by a row', async () => {
  const { directory, store, objects } = await setup()
  const body = new PassThrough()
  const writing = objects.put('key', body)
  body.write(large)
  await expect.poll(() => readdir(join(directory, 'tmp'))).toHaveLength(1)
  const [name = ''] = await readdir(join(directory, 'tmp'))
  await utimes(join(directory, 'tmp', name), twoHoursAgo, twoHoursAgo)
  await sweep(store)
  body.end()
  await expect(writing).rejects.toThrow()
  expect(await objects.head('key')).toBeUndefined()
})

test('a file that went while its row waited for a lock is never named by the row', async () => {
  const { directory, objects } = await setup()
  const other = openDatabase(directory)
  other.exec('BEGIN IMMEDIATE')
  const writing = objects.put('key', large)
  await expect.poll(() => readdir(join(directory, 'files'))).toHaveLength(1)
  const [name = ''] = await readdir(join(directory, 'files'))
  await rm(join(directory, 'files', name))
  other.exec('COMMIT')
  await expect(writing).rejects.toThrow(/swept .* before it was stored/)
  expect(await objects.head('key')).toBeUndefined()
})

test('messages older than fourteen days are neither delivered nor kept', async () => {
  const { directory, store, pending } = await setup()
  for (const body of ['old', 'older', 'young']) await pending.send({ body })
  await pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 43_200 })
  const database = openDatabase(directory)
  database.prepare("UPDATE messages SET sent_at = ? WHERE body <> 'young'").run(Date.now() - retention - 1000)
  const received = await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })
  expect(received).toMatchObject([{ body: 'young' }])
  await sweep(store)
  expect(database.prepare('SELECT body FROM messages').all()).toEqual([{ body: 'young' }])
})

test('room is given back when much was removed', async () => {
  const { store, objects } = await setup()
  const keys = Array.from({ length: 800 }, (_, index) => `${index}`)
  await Promise.all(keys.map((key) => objects.put(key, Buffer.alloc(60_000))))
  await Promise.all(keys.map((key) => objects.delete(key)))
  const pages = (): unknown => Object.values(store.database.sql('PRAGMA page_count').get() ?? {})[0]
  expect(pages()).toBeGreaterThan(11_000)
  await sweep(store)
  expect(pages()).toBeLessThan(11_000)
})

async function setup(): Promise<{ directory: string; store: Store } & Awaited<ReturnType<typeof openPlace>>> {
  const directory = await freshDirectory()
  const opened = await openPlace(directory)
  const store = await openStore(directory, true)
  onTestFinished(() => store.close())
  return { directory, store, ...opened, objects: opened.objects, pending: opened.pending }
}
