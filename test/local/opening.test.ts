import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasCode, type ErrorCode } from '../../src/errors.ts'
import { localBackend } from '../../src/local.ts'
import { fromLocal } from '../../src/local/errors.ts'
import { bindPlace, freshDirectory, openDatabase, openPlace, startChild } from './setup.ts'

test('nothing is made before first use', async () => {
  const directory = join(await freshDirectory(), 'deep', 'er')
  const opened = bindPlace(directory)
  await expect(readdir(directory)).rejects.toThrow('ENOENT')
  await opened.ready()
  expect(await readdir(directory)).toContain('remotejob.sqlite3')
})

test.skipIf(process.platform === 'win32')(
  'what is made is for its user alone, and what was there keeps its mode',
  async () => {
    const shared = await freshDirectory()
    await chmod(shared, 0o755)
    const opened = await openPlace(join(shared, 'mine'))
    await opened.objects.put('key', Buffer.alloc(1_000_000))
    const modes = async (directory: string): Promise<ReadonlySet<string>> => {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true })
      const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
      const all = entries.map(async (entry) => {
        const mode = await modeOf(join(entry.parentPath, entry.name))
        return `${entry.isDirectory() ? 'folder' : 'file'} ${mode}`
      })
      return new Set(await Promise.all(all))
    }
    // The folder itself and those in it; the database, its log and its index, and a body.
    expect(await modes(shared)).toEqual(new Set(['folder 700', 'file 600']))
    expect((await readdir(join(shared, 'mine'), { recursive: true })).length).toBeGreaterThan(5)
    await opened.close()
    await chmod(join(shared, 'mine'), 0o755)
    await chmod(join(shared, 'mine', 'remotejob.sqlite3'), 0o644)
    await openPlace(join(shared, 'mine'))
    expect(await modes(shared)).toEqual(new Set(['folder 755', 'folder 700', 'file 644', 'file 600']))
  },
)

test('a place that may not be made is not made', async () => {
  const directory = await freshDirectory()
  const opened = bindPlace(join(directory, 'none'), { provision: 'never' })
  await expectFailure(opened.ready(), 'NOT_FOUND', /No local store at .*provision: 'auto'/)
  expect(await readdir(directory)).toEqual([])
  await openPlace(join(directory, 'none'), { queues: new Map([['pending', 'test-pending']]) })
  await expectFailure(opened.ready(), 'NOT_FOUND', /queue "test-completed", queue "test-failed"/)
  await openPlace(join(directory, 'none'))
  await opened.ready()
})

test('a queue that was never made is NOT_FOUND to every call', async () => {
  const missing = bindPlace(await freshDirectory()).queue('missing')
  await expectFailure(missing.send({ body: '1' }), 'NOT_FOUND', /No queue "missing"/)
  const receiving = missing.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
  await expectFailure(receiving, 'NOT_FOUND', /No queue "missing"/)
})

test('a bucket that was never made is NOT_FOUND to a put', async () => {
  const { objects } = bindPlace(await freshDirectory())
  await expectFailure(objects.put('key', Buffer.alloc(1)), 'NOT_FOUND', /No bucket "remotejobs-test"/)
  await expectFailure(objects.putIfAbsent('key', Buffer.alloc(1)), 'NOT_FOUND', /No bucket "remotejobs-test"/)
})

test('a file where the directory should be is UNAVAILABLE, until it is gone', async () => {
  const directory = join(await freshDirectory(), 'taken')
  await writeFile(directory, 'a file')
  const opened = bindPlace(directory)
  await expectFailure(opened.ready(), 'UNAVAILABLE', /not a directory; choose another/)
  await expectFailure(opened.objects.head('key'), 'UNAVAILABLE', /not a directory/)
  await expectFailure(bindPlace(join(directory, 'deeper')).ready(), 'UNAVAILABLE', /not a directory/)
  await rm(directory)
  await opened.ready()
  expect(await opened.objects.head('key')).toBeUndefined()
})

test.runIf(process.platform === 'linux')('a directory where none can be made is ACCESS_DENIED', async () => {
  await expectFailure(bindPlace('/proc/x/y').ready(), 'ACCESS_DENIED', /no folder can be made there; choose another/)
})

test('a directory that may not be written is ACCESS_DENIED', async () => {
  const directory = await freshDirectory()
  await mkdir(join(directory, 'mine'))
  await chmod(directory, 0o755)
  await chmod(join(directory, 'mine'), 0o555)
  const child = startChild('fail', [join(directory, 'mine')])
  expect(await child.lines.next()).toMatchObject({
    value: expect.stringMatching(/^ACCESS_DENIED .*may not write there/),
  })
  expect(await child.exit()).toBe(0)
})

test('a file that is no database is UNAVAILABLE and left alone', async () => {
  const directory = await freshDirectory()
  const path = join(directory, 'remotejob.sqlite3')
  const content = 'A text that somebody left there. '.repeat(40)
  await writeFile(path, content)
  await expectFailure(bindPlace(directory).ready(), 'UNAVAILABLE', /not an SQLite database; move it away/)
  expect(await readFile(path, 'utf8')).toBe(content)
})

test('a damaged database is UNAVAILABLE', async () => {
  const directory = await freshDirectory()
  await (await openPlace(directory)).close()
  const file = await open(join(directory, 'remotejob.sqlite3'), 'r+')
  await file.write(Buffer.alloc(3900, 0xee), 0, 3900, 100)
  await file.close()
  await expectFailure(bindPlace(directory).ready(), 'UNAVAILABLE', /damaged; .*restore it from a copy/)
})

test('a database of a newer version is UNSUPPORTED, and says which', async () => {
  const directory = await freshDirectory()
  await (await openPlace(directory)).close()
  openDatabase(directory).exec('PRAGMA user_version = 7')
  await expectFailure(bindPlace(directory).ready(), 'UNSUPPORTED', /newer remotejob \(schema 7; .* upgrade/)
})

test("another program's database is UNSUPPORTED and left alone", async () => {
  const directory = await freshDirectory()
  const database = openDatabase(directory)
  database.exec('CREATE TABLE theirs (a)')
  await expectFailure(bindPlace(directory).ready(), 'UNSUPPORTED', /another program/)
  expect(database.prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1)
  expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' })
})

test('a database deleted while in use is UNAVAILABLE, not a place where work is lost', async () => {
  const directory = await freshDirectory()
  const { objects, pending } = await openPlace(directory)
  await rename(join(directory, 'remotejob.sqlite3'), join(directory, 'elsewhere'))
  await expectFailure(objects.put('key', Buffer.alloc(1)), 'UNAVAILABLE', /deleted or replaced while in use/)
  await expectFailure(pending.send({ body: '1' }), 'UNAVAILABLE', /deleted or replaced/)
  const receiving = pending.receive({ max: 1, waitSeconds: 1, leaseSeconds: 30 })
  await expectFailure(receiving, 'UNAVAILABLE', /deleted or replaced/)
  await rename(join(directory, 'elsewhere'), join(directory, 'remotejob.sqlite3'))
  await pending.send({ body: '2' })
})

test('queues of one directory share a connection, and each may close for itself', async () => {
  const directory = await freshDirectory()
  const [one, two] = [await openPlace(directory), await openPlace(directory)]
  await one.close()
  await expectFailure(one.objects.head('key'), 'CLOSED', /closed/)
  await two.objects.put('key', Buffer.alloc(1))
  await two.close()
  const three = await openPlace(directory)
  expect(await three.objects.head('key')).toMatchObject({ size: 1 })
})

test('closing ends a receive that waits, and finishes what was asked for', async () => {
  const directory = await freshDirectory()
  const opened = await openPlace(directory)
  const receiving = opened.pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
  const writing = opened.queue('test-completed').send({ body: '1' })
  await opened.objects.head('key')
  await opened.close()
  expect(await receiving).toEqual([])
  await writing
  const again = await openPlace(directory)
  const taken = await again.queue('test-completed').receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 })
  expect(taken).toHaveLength(1)
})

test.each([
  [{ errcode: 13 }, 'OUT_OF_SPACE', /disk is full; make room/],
  [{ errcode: 10 | (13 << 8) }, 'UNAVAILABLE', /local disk/],
  [{ errcode: 8 }, 'ACCESS_DENIED', /read-only/],
  [{ errcode: 15 }, 'UNAVAILABLE', /not on a network/],
  [{ code: 'ENOSPC' }, 'OUT_OF_SPACE', /disk is full; make room/],
  [{ code: 'EDQUOT' }, 'OUT_OF_SPACE', /quota/],
  [{ code: 'EROFS' }, 'ACCESS_DENIED', /read-only/],
  [{ code: 'EMFILE' }, 'UNAVAILABLE', /too many files/],
  [{ code: 'EWHATEVER' }, 'UNAVAILABLE', /went wrong/],
] as const)('%o is told as %s', (properties, code, message) => {
  const cause = Object.assign(new Error('went wrong'), properties)
  const error = fromLocal(cause, '/the/directory')
  expect(error).toMatchObject({ code, cause })
  expect(error.message).toMatch(message)
  expect(error.message).toContain('/the/directory')
})

test.each([{ directory: '' }, { directory: '/tmp', fsync: 'no' }, {}])('options %o are refused', (options) => {
  expect((): unknown => Reflect.apply(localBackend, undefined, [options])).toThrow(
    /^Expected `(directory|fsync)` to be/,
  )
})

async function expectFailure(work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toSatisfy((value) => hasCode(value, code))
  expect(String(error)).toMatch(message)
}
