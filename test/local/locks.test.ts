import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { hasCode, RemoteJobError } from '../../src/errors.ts'
import { Database } from '../../src/local/database.ts'
import { Log } from '../../src/local/log.ts'
import { whileBusy } from '../../src/local/patience.ts'
import { Writer } from '../../src/local/writer.ts'
import { freshDirectory, openDatabase, openPlace } from './setup.ts'

test('a write waits for a lock that another process holds, and the event loop goes on', async () => {
  const directory = await freshDirectory()
  const { objects, pending } = await openPlace(directory)
  const other = openDatabase(directory)
  other.exec('BEGIN IMMEDIATE')
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const writing = Promise.all([objects.put('key', Buffer.from('1')), pending.send({ body: '1' })])
  await sleep(400)
  expect(await objects.head('key')).toBeUndefined()
  delay.disable()
  other.exec('COMMIT')
  await writing
  expect(await objects.head('key')).toMatchObject({ size: 1 })
  // A try may stop the loop for 5 milliseconds; what waits inside SQLite would stop it for all 400.
  expect(delay.max / 1e6).toBeLessThan(200)
})

test('opening waits for a lock, too', async () => {
  const directory = await freshDirectory()
  await (await openPlace(directory)).close()
  const other = openDatabase(directory)
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
  const opening = openPlace(directory)
  await sleep(50)
  other.close()
  expect(await (await opening).objects.head('key')).toBeUndefined()
})

test('a signal ends the wait for a lock, and nothing is written later', async () => {
  const directory = await freshDirectory()
  const { objects, pending } = await openPlace(directory)
  const other = openDatabase(directory)
  other.exec('BEGIN IMMEDIATE')
  const reason = new Error('enough')
  const stop = new AbortController()
  const writes = [
    objects.put('small', Buffer.alloc(1), { signal: stop.signal }),
    objects.put('large', Buffer.alloc(100_000), { signal: stop.signal }),
    pending.send({ body: '1' }, { signal: stop.signal }),
  ].map((write) => expect(write).rejects.toBe(reason))
  const after = pending.send({ body: '2' })
  await sleep(30)
  stop.abort(reason)
  await Promise.all(writes)
  other.exec('COMMIT')
  await after
  expect((await objects.list('')).objects).toEqual([])
  expect(await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })).toMatchObject([{ body: '2' }])
})

test('a lock that is held too long is UNAVAILABLE, and says what to do', async () => {
  const directory = await freshDirectory()
  await openPlace(directory)
  const [other, third] = [openDatabase(directory), openDatabase(directory)]
  other.exec('BEGIN IMMEDIATE')
  third.exec('PRAGMA busy_timeout = 0')
  const waiting = whileBusy(() => third.exec('BEGIN IMMEDIATE'), directory, { seconds: 0.2 })
  await expect(waiting).rejects.toSatisfy((error) => hasCode(error, 'UNAVAILABLE'))
  await expect(waiting).rejects.toThrow(/locked for 0\.2 seconds.*end it and try again/)
})

test('of writes that share a commit, only the one that fails is undone', async () => {
  const { database, writer } = await openWriter()
  const add = (name: string) => () => void database.sql('INSERT INTO buckets (name) VALUES (?)').run(name)
  const outcomes = await Promise.allSettled([
    writer.write(add('a')),
    writer.write(() => {
      add('half')()
      throw new RemoteJobError('NOT_FOUND', 'no')
    }),
    writer.write(add('b')),
    writer.write(add('a')),
    writer.write(() => 'c'),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
  expect(outcomes[1]).toMatchObject({ reason: { code: 'NOT_FOUND', message: 'no' } })
  expect(outcomes[3]).toMatchObject({ reason: { code: 'UNAVAILABLE' } })
  expect(outcomes[4]).toMatchObject({ value: 'c' })
  expect(database.sql('SELECT name FROM buckets ORDER BY name').all()).toMatchObject([{ name: 'a' }, { name: 'b' }])
})

test('writes of one turn share a commit', async () => {
  const { database, writer, log } = await openWriter()
  const before = log()
  await Promise.all(Array.from({ length: 100 }, (_, index) => writer.write(() => insert(database, `${index}`))))
  const together = log() - before
  for (let index = 100; index < 200; index += 1) await writer.write(() => insert(database, `${index}`))
  // Every commit writes its pages to the log again.
  expect(log() - before - together).toBeGreaterThan(10 * together)
})

function insert(database: Database, name: string): void {
  database.sql('INSERT INTO buckets (name) VALUES (?)').run(name)
}

async function openWriter(): Promise<{ database: Database; writer: Writer; log: () => number }> {
  const directory = await freshDirectory()
  await openPlace(directory)
  const database = new Database(`${directory}/remotejob.sqlite3`)
  database.sql('DELETE FROM buckets').run()
  const log = (): number => Number(database.sql('PRAGMA wal_checkpoint(PASSIVE)').get()?.['log'])
  return { database, writer: new Writer(database, new Log(database.log, true)), log }
}
