import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectory } from '../src/make-directory.ts'

async function setup(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-make-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a folder is made with those above it, and the first that was made is told', async () => {
  const folder = await setup()
  expect(await makeDirectory(join(folder, 'a', 'b', 'c'))).toBe(join(folder, 'a'))
  expect(await makeDirectory(join(folder, 'a', 'b', 'd'))).toBe(join(folder, 'a', 'b', 'd'))
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['c', 'd'])
  const near = relative(process.cwd(), join(folder, 'near'))
  expect(await makeDirectory(near)).toBe(near)
})

test.skipIf(process.platform === 'win32')('it is whose it was said to be, with those above it', async () => {
  const folder = await setup()
  await makeDirectory(join(folder, 'a', 'b'), 0o700)
  for (const path of ['a', 'a/b']) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o700)
})

test('one that is there stays, also by a link, and whoever makes it at the same time', async () => {
  const folder = await setup()
  await mkdir(join(folder, 'there'))
  await symlink('there', join(folder, 'link'))
  for (const path of [join(folder, 'there'), join(folder, 'link'), parse(folder).root, '.'])
    expect(await makeDirectory(path)).toBeUndefined()
  const path = join(folder, 'x', 'y', 'z')
  const made = await Promise.all(Array.from({ length: 20 }, () => makeDirectory(path)))
  expect(made).toContain(join(folder, 'x'))
  expect(await readdir(join(folder, 'x', 'y'))).toEqual(['z'])
})

test('what is in the way is told', async () => {
  const folder = await setup()
  await writeFile(join(folder, 'file'), '')
  await symlink('nowhere', join(folder, 'dangling'))
  await expect(makeDirectory(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(folder, 'dangling'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectory(join(folder, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(process.platform === 'linux')(
  'where the system makes no folders it is told, and not tried for ever',
  async () => {
    for (const path of ['/proc/x', '/proc/x/y/z', '/proc/self/x'])
      await expect(makeDirectory(path)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir' })
  },
)
