import { appendFile, mkdtemp, mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { pack } from '../../../src/runs/zips/pack.ts'
import { textsIn } from './setup.ts'

async function setup(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-pack-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A text about what was left out. */
const noting = {
  async *notes(skipped: readonly string[]) {
    yield skipped.join('\n')
  },
}

test('a folder is packed with the texts that come with it, however deep it goes', async () => {
  const folder = await setup()
  const deep = Array.from({ length: 60 }, (_, index) => `deep-${index}`).join('/')
  await mkdir(join(folder, deep), { recursive: true })
  await writeFile(join(folder, deep, 'file'), 'deep down')
  await symlink('/etc/passwd', join(folder, 'link'))
  await mkdir(join(folder, 'empty'))
  expect(await textsIn(await buffer(await pack(folder, noting)))).toEqual({
    [`${deep}/file`]: 'deep down',
    notes: '"link" is a symbolic link',
  })
})

test('more files than a job may have assets are one zip', { timeout: 120_000 }, async () => {
  const folder = await setup()
  for (let index = 0; index < 10_100; index += 1) await writeFile(join(folder, `${index}`), '')
  const zip = await fromBufferPromise(await buffer(await pack(folder, {})))
  expect(zip.entryCount).toBe(10_100)
})

test('a file that grows, or shrinks, while it is packed is as long as it was found, or shorter', async () => {
  const folder = await setup()
  await writeFile(join(folder, 'file'), Buffer.alloc(3_000_000, 'x'))
  const grown = await pack(folder, {})
  grown.once('readable', () => void appendFile(join(folder, 'file'), 'y'.repeat(3_000_000)))
  const texts = await textsIn(await buffer(grown))
  expect(texts['file']).toMatch(/^x+$/)
  const shrunk = await pack(folder, {})
  shrunk.once('readable', () => void truncate(join(folder, 'file'), 10))
  expect((await textsIn(await buffer(shrunk)))['file']).toMatch(/^[xy]+$/)
})

test.skipIf(process.platform !== 'linux')('a zip that nobody reads on leaves no file open', async () => {
  const folder = await setup()
  for (const name of ['a', 'b', 'c'])
    await writeFile(join(folder, name), Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))))
  const open = async (): Promise<number> => (await readdir('/proc/self/fd')).length
  const before = await open()
  for (let round = 0; round < 20; round += 1) {
    const packed = await pack(folder, {})
    for await (const chunk of packed) if (chunk instanceof Uint8Array) break
    expect(packed.destroyed).toBe(true)
  }
  await vi.waitFor(async () => expect(await open()).toBeLessThanOrEqual(before), 10_000)
})
