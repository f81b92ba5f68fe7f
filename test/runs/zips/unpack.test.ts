import { lstat, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readManifest, unpack } from '../../../src/runs/zips/unpack.ts'
import { ZipError } from '../../../src/runs/zips/zip-error.ts'
import type { ZipLimits } from '../../../src/runs/zips/zip-limits.ts'
import { type File, lying, patched, placed, zipOf } from './setup.ts'

const never = new AbortController().signal

/** What became of a zip: the files that were made, and why no more of them. */
async function unpacked(zip: Uint8Array, limits: ZipLimits = {}) {
  const { above, file, folder } = await placed(zip)
  const error: unknown = await readManifest(file, limits, never)
    .then(() => unpack(file, folder, never))
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  const files = await readdir(folder, { recursive: true })
  // Whatever a name says, nothing is made beside the folder.
  expect((await readdir(above)).length).toBe(2)
  return { error, files: files.toSorted(), folder }
}

async function refused(zip: Uint8Array, reason: RegExp, limits?: ZipLimits): Promise<void> {
  const { error, files } = await unpacked(zip, limits)
  expect(error).toBeInstanceOf(ZipError)
  expect(String(error)).toMatch(reason)
  expect(files).toEqual([])
}

const zipped = async (name: string, file: File = 'body'): Promise<Buffer> => zipOf({ first: 'first', [name]: file })

describe('a zip', () => {
  it('is unpacked: files of any size with the rights that they had, folders, and names that differ by case alone', async () => {
    const body = Buffer.alloc(300_000, 'abcdefg')
    const zip = await zipOf({
      'run.sh': { body: '#!/bin/sh', mode: 0o100755 },
      'a/b/c.bin': body,
      'a/B/c.bin': { body, packed: false },
      secret: { body: 's', mode: 0o104600 },
      nothing: '',
      'empty/': '',
      'häßlich 名前.txt': 'name',
    })
    const { error, files, folder } = await unpacked(zip)
    expect(error).toBeUndefined()
    expect(files).toEqual(
      [
        'a',
        'a/B',
        'a/B/c.bin',
        'a/b',
        'a/b/c.bin',
        'empty',
        'häßlich 名前.txt',
        'nothing',
        'run.sh',
        'secret',
      ].toSorted(),
    )
    expect((await readFile(join(folder, 'a/b/c.bin'))).equals(body)).toBe(true)
    expect((await readFile(join(folder, 'a/B/c.bin'))).equals(body)).toBe(true)
    expect((await stat(join(folder, 'run.sh'))).mode & 0o100).toBe(0o100)
    // The set-user-id bit does not come along.
    expect((await stat(join(folder, 'secret'))).mode & 0o7777).toBe(0o600)
  })

  it.each([
    ['an absolute path', 'x/etc/x', '//etc/x'],
    ['a path of Windows', 'Cx/x.txt', 'C:/x.txt'],
    ['a way up', 'xx/up.txt', '../up.txt'],
    ['a way up further down', 'a/xx/xx/x', 'a/../../x'],
    ['a way up at its end', 'a/b/xx', 'a/b/..'],
    ['a backslash', 'a/xx_up.txt', 'a\\..\\up.txt'],
    ['a point for a part', 'a/x/b', 'a/./b'],
    ['no part between two slashes', 'a/x_b', 'a//_b'],
    ['a NUL', 'axb.txt', 'a\0b.txt'],
    ['a line feed', 'axb.txt', 'a\nb.txt'],
  ])('with a name that is %s is refused, and nothing of it is made', async (_, from, to) => {
    await refused(patched(await zipped(from), from, to), /could not unzip file, error: /)
  })

  it.each([
    ['a symbolic link', 0o120777],
    ['a device', 0o020666],
    ['a device', 0o060666],
    ['a pipe', 0o010666],
    ['a socket', 0o140666],
  ])('with %s is refused (type %i)', async (kind, mode) => {
    await refused(await zipped('odd', { body: '/etc/passwd', mode }), new RegExp(`"odd" is ${kind}`))
  })

  it('with a name twice, or one that is a file and a folder, is refused', async () => {
    await refused(patched(await zipped('again'), 'again', 'first'), /it has "first" twice/)
    await refused(await zipped('first/inner'), /"first" is a file and a folder/)
    await refused(await zipOf({ 'a/b/c': '', 'a/b': '' }), /"a\/b" is a file and a folder/)
    await refused(await zipOf({ a: '', 'a/': '' }), /"a" is a file and a folder/)
  })

  it.each([
    ['more entries', { maxEntries: 1 }, /more than the 1 files and folders/],
    ['more bytes', { maxUnpackedBytes: 8 }, /more than the 8 bytes/],
  ])('with %s than allowed is refused', async (_, limits, reason) => {
    await refused(await zipped('second'), reason, limits)
    expect((await unpacked(await zipOf({ first: '' }), limits)).error).toBeUndefined()
  })

  it('counts folders that have no entries of their own', async () => {
    await refused(await zipOf({ 'a/b/c/d/e/f': '' }), /more than the 5 files and folders/, { maxEntries: 5 })
    expect((await unpacked(await zipOf({ 'a/b/c/d/e/f': '' }), { maxEntries: 6 })).error).toBeUndefined()
  })

  it('that is a bomb is refused by its ratio before a byte is written, and a small log of zeros is not', async () => {
    const bomb = await zipOf({ bomb: Buffer.alloc(20_000_000) })
    expect(bomb.byteLength).toBeLessThan(100_000)
    await refused(bomb, /more than 200 bytes for each byte of the zip/)
    expect((await unpacked(bomb, { maxRatio: 2000 })).error).toBeUndefined()
    expect((await unpacked(await zipOf({ log: Buffer.alloc(5_000_000) }))).error).toBeUndefined()
  })

  it('that says less of a file than is in it writes no more than it said', async () => {
    const { error, files, folder } = await unpacked(
      lying(await zipOf({ bomb: Buffer.alloc(20_000_000) }), 'bytes', 1000),
    )
    expect(error).toBeInstanceOf(ZipError)
    expect(String(error)).toMatch(/too many bytes/)
    for (const name of files) expect((await lstat(join(folder, name))).size).toBeLessThanOrEqual(1000)
  })

  it.each([
    ['is encrypted', 'flags', 1, /"one" is encrypted/],
    ['is packed in another way', 'method', 14, /by a method other than deflate/],
    ['says more of a file than is in it', 'bytes', 5000, /not enough bytes/],
    ['says another checksum', 'crc', 1, /"one" is damaged/],
    ['says that a file is behind its end', 'offset', 1_000_000, /EOF|bounds/],
  ] as const)('that %s is refused', async (_, field, value, reason) => {
    const { error } = await unpacked(lying(await zipOf({ one: 'a text' }), field, value))
    expect(error).toBeInstanceOf(ZipError)
    expect(String(error)).toMatch(reason)
  })

  it.each([
    ['nothing', ''],
    ['a text', 'this is no zip, and longer than the twenty-two bytes of an end'],
    ['a gzip', Buffer.from('1f8b0800000000000003', 'hex')],
  ])('that is %s is refused', async (_, bytes) => {
    await refused(Buffer.from(bytes), /could not unzip file, error: /)
  })

  it('that was cut off, anywhere, is refused', async () => {
    const zip = await zipOf({ one: 'one', two: Buffer.alloc(1000, 'ab') })
    for (let bytes = 0; bytes < zip.byteLength; bytes += 17) await refused(zip.subarray(0, bytes), /could not unzip/)
  })

  it('with any bytes changed is unpacked or refused, and nothing is made outside of its folder', async () => {
    const zip = await zipOf({ 'run.sh': 'echo', 'a/b.txt': 'text', 'c/': '', d: Buffer.alloc(500, 'x') })
    const change = fc.tuple(fc.nat(zip.byteLength - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(zip)
        for (const [at, value] of changes) bytes[at] = value
        const { error } = await unpacked(bytes)
        if (error !== undefined) expect(error).toBeInstanceOf(ZipError)
      }),
      { numRuns: 300 },
    )
  })

  it('is not gone on with when its job was ended', async () => {
    const { file, folder } = await placed(await zipOf({ one: 'one' }))
    const reason = new Error('ended')
    await expect(readManifest(file, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
    await expect(unpack(file, folder, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
