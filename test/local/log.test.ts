import { fdatasync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { Database } from '../../src/local/database.ts'
import { Log } from '../../src/local/log.ts'
import { Writer } from '../../src/local/writer.ts'
import { freshDirectory, openPlace } from './setup.ts'

test('what is to be flushed while a flush is under way shares the next one', async () => {
  const { log, flushes } = await openLog(true)
  await Promise.all(Array.from({ length: 100 }, () => log.flushed()))
  // The first began too early for those who came after it.
  expect(flushes()).toBe(2)
  await log.flushed()
  expect(flushes()).toBe(3)
})

test('after a flush that failed none succeeds: the system forgets what it did not write', async () => {
  const path = join(await freshDirectory(), 'log')
  const log = new Log(path, true)
  await expect(log.flushed()).rejects.toSatisfy((error) => hasCode(error, 'UNAVAILABLE'))
  await writeFile(path, '1')
  await expect(log.flushed()).rejects.toThrow(/start this process again/)
})

test('a write whose commit cannot be flushed is not acknowledged, nor is any that follows', async () => {
  const { writer, insert } = await openWriter(new Log(join(await freshDirectory(), 'none'), true))
  await expect(writer.write(insert)).rejects.toSatisfy((error) => hasCode(error, 'UNAVAILABLE'))
  await expect(writer.write(insert)).rejects.toThrow(/start this process again/)
})

test('where nobody waits for the disk, a second of commits is flushed at once, and at rest nothing is', async () => {
  const { log, flushes } = await openLog(false)
  const { writer, insert } = await openWriter(log)
  await writer.write(insert)
  await writer.write(insert)
  expect(flushes()).toBe(0)
  await sleep(1200)
  expect(flushes()).toBe(1)
  await sleep(1200)
  expect(flushes()).toBe(1)
  await writer.write(insert)
  await log.close()
  expect(flushes()).toBe(2)
})

test('where nobody waits for the disk, who writes after it failed is told', async () => {
  const { writer, insert } = await openWriter(new Log(join(await freshDirectory(), 'none'), false))
  await writer.write(insert)
  await sleep(1200)
  await expect(writer.write(insert)).rejects.toThrow(/disk failed to write/)
})

test('an aborted signal does not take back what is committed and on its way to the disk', async () => {
  const directory = await freshDirectory()
  const { pending } = await openPlace(directory)
  await pending.send({ body: '1' })
  const stop = new AbortController()
  const receiving = pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30, stop: stop.signal })
  const other = new Database(`${directory}/remotejob.sqlite3`)
  const isTaken = (): boolean => other.sql('SELECT 1 FROM messages WHERE receive_count = 1').get() !== undefined
  while (!isTaken()) await new Promise(setImmediate)
  stop.abort()
  expect(await receiving).toMatchObject([{ body: '1' }])
  other.close()
})

/** A log that counts its flushes. */
async function openLog(isAwaited: boolean): Promise<{ log: Log; flushes: () => number }> {
  const path = join(await freshDirectory(), 'log')
  await writeFile(path, '1')
  let flushes = 0
  const sync = async (file: number): Promise<void> => {
    flushes += 1
    await promisify(fdatasync)(file)
  }
  const log = new Log(path, isAwaited, sync)
  onTestFinished(() => log.close())
  return { log, flushes: () => flushes }
}

async function openWriter(log: Log): Promise<{ writer: Writer; insert: () => void }> {
  const directory = await freshDirectory()
  await openPlace(directory)
  const database = new Database(`${directory}/remotejob.sqlite3`)
  let count = 0
  const insert = (): void => void database.sql('INSERT INTO buckets (name) VALUES (?)').run(`${(count += 1)}`)
  return { writer: new Writer(database, log), insert }
}
