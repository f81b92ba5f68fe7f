import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Asset } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { mountDisk, reasonAgainstDisks } from '../failures/small-disk.ts'
import { type Cli, setup } from './command.ts'

/** A job of that id that handed back these assets. */
async function completed(cli: Cli, id: string, assets: readonly Asset[]): Promise<void> {
  const queue = cli.queue('letters')
  await queue.submit({}, { id })
  await (await queue.next()).complete({ assets })
  await queue.close()
}

const save = (cli: Cli, ...words: string[]) => cli.run(['result', 'letters', ...words])

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
    .toSorted()
}

test('files come back under their names, folders and all; those of several jobs in a folder each', async () => {
  const cli = await setup()
  await completed(cli, 'one', [
    { key: 'a.txt', body: 'A' },
    { key: 'pages/1 ü.txt', body: '1' },
    { key: 'empty', body: '' },
  ])
  await completed(cli, 'two', [{ key: 'a.txt', body: 'other' }])
  const { code, stdout } = await save(cli, 'one', '--save', 'out', '-o', 'json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ saved: ['out/a.txt', 'out/pages/1 ü.txt', 'out/empty'] })
  expect(await filesBelow(join(cli.folder, 'out'))).toEqual(['a.txt', 'empty', 'pages/1 ü.txt'])
  expect((await save(cli, 'one', 'two', '--save', 'both')).code).toBe(0)
  expect(await filesBelow(join(cli.folder, 'both'))).toEqual([
    'one/a.txt',
    'one/empty',
    'one/pages/1 ü.txt',
    'two/a.txt',
  ])
  expect(await readFile(join(cli.folder, 'both/two/a.txt'), 'utf8')).toBe('other')
})

test('a file that exists is not replaced, and nothing is begun; with --force it is', async () => {
  const cli = await setup()
  await completed(cli, 'one', [
    { key: 'a.txt', body: 'new' },
    { key: 'b.txt', body: 'new' },
  ])
  await mkdir(join(cli.folder, 'out'))
  await writeFile(join(cli.folder, 'out/b.txt'), 'mine')
  expect(await save(cli, 'one', '--save', 'out')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: out/b.txt exists already: choose another folder, or replace it with --force\n',
  })
  expect(await filesBelow(join(cli.folder, 'out'))).toEqual(['b.txt'])
  expect(await readFile(join(cli.folder, 'out/b.txt'), 'utf8')).toBe('mine')
  expect((await save(cli, 'one', '--save', 'out', '--force')).code).toBe(0)
  expect(await readFile(join(cli.folder, 'out/b.txt'), 'utf8')).toBe('new')
})

/** A worker of another make wrote the result: ours refuses such names. */
async function completedElsewhere(cli: Cli, id: string, names: readonly string[]): Promise<void> {
  const queue = cli.queue('letters')
  await queue.ready()
  const backend = localBackend({ directory: join(cli.folder, 'jobs') })
  const store = backend.open({
    bucket: 'remotejobs-letters',
    queues: new Map(),
    deadLetterQueue: 'letters-dead',
    pendingQueue: undefined,
    maxReceives: 10,
    leaseSeconds: 30,
    provision: 'never',
  })
  const assets = names.map((name) => ({ name, size: 4, inline: Buffer.from('evil').toString('base64') }))
  const record = { v: 1, id, status: 'completed', attempt: 1, nonce: 'n', finishedAt: Date.now(), assets }
  await store.objects.put(`results/${id}.json`, Buffer.from(JSON.stringify(record)))
  await store.close()
  await queue.close()
}

test.each(['../a.txt', 'a/../../b.txt', '..', 'a/..', '.', '', 'a\0b'])(
  'the asset %j is refused in one line, and nothing of its job is saved',
  async (name) => {
    const cli = await setup()
    await completedElsewhere(cli, 'one', ['good', name])
    expect(await save(cli, 'one', '--save', 'deep/out')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: The asset "[^\n]*" has a name that leads out of deep\/out[^\n]+\n$/),
    })
    expect((await readdir(cli.folder)).toSorted()).toEqual(['jobs'])
  },
)

test('a name from the root stays inside, and one that moves the cursor is shown and not done', async () => {
  const cli = await setup()
  await completedElsewhere(cli, 'one', ['/etc/passwd', '\u001b[2Jgone\u009b1m'])
  const { code, stdout } = await save(cli, 'one', '--save', 'out')
  expect(code).toBe(0)
  expect(stdout).toContain('\\u001b[2Jgone\\u009b1m')
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u)
  expect(await filesBelow(join(cli.folder, 'out'))).toEqual(['\u001b[2Jgone\u009b1m', 'etc/passwd'])
})

test('assets of which one would be the folder of another are refused before one is saved; --asset gets each', async () => {
  const cli = await setup()
  await completed(cli, 'one', [
    { key: 'a', body: 'A' },
    { key: 'a/b/c', body: 'C' },
  ])
  expect(await save(cli, 'one', '--save', 'out')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error: The assets cannot be saved together: out/a would be a file, and a folder for out/a/b/c; write them one by one with --asset\n',
  })
  expect(await readdir(cli.folder)).not.toContain('out')
  expect((await save(cli, 'one', '--asset', 'a')).stdout).toBe('A')
  expect((await save(cli, 'one', '--asset', 'a/b/c')).stdout).toBe('C')
  expect(await save(cli, 'one', '--asset', 'd')).toEqual({
    code: 3,
    stdout: '',
    stderr: 'error: Job "one" has no asset "d"; it has "a", "a/b/c"\n',
  })
})

test('a file where a folder is needed, and a name that is too long, are told in one line', async () => {
  const cli = await setup()
  await completed(cli, 'one', [{ key: 'a/b', body: 'B' }])
  await completed(cli, 'two', [{ key: 'x'.repeat(255), body: 'fits' }])
  await completed(cli, 'three', [{ key: 'x'.repeat(256), body: 'does not' }])
  await mkdir(join(cli.folder, 'out'))
  await writeFile(join(cli.folder, 'out/a'), 'mine')
  expect(await save(cli, 'one', '--save', 'out')).toMatchObject({
    code: 2,
    stderr: 'error: A part of "out/a/b" is a file and not a folder: choose another path\n',
  })
  expect((await save(cli, 'two', '--save', 'long')).code).toBe(0)
  expect(await save(cli, 'three', '--save', 'longer')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: "longer\/x{256}" is too long a name for this disk: choose a shorter one\n$/),
  })
})

const canBecomeNobody = process.getuid?.() === 0
test.skipIf(process.platform === 'win32')('a folder that may not be written to is told, and gets no file', async () => {
  const cli = await setup()
  await completed(cli, 'one', [{ key: 'a', body: 'A' }])
  await mkdir(join(cli.folder, 'closed'))
  await chmod(join(cli.folder, 'closed'), 0o555)
  if (canBecomeNobody) await promisify(execFile)('chown', ['-R', '65534', join(cli.folder, 'jobs')])
  await chmod(cli.folder, 0o755)
  const given = canBecomeNobody ? { uid: 65_534 } : {}
  expect(await cli.run(['result', 'letters', 'one', '--save', 'closed'], given)).toEqual({
    code: 3,
    stdout: '',
    stderr: 'error: No permission for "closed/a": change its permissions, or choose another path\n',
  })
  expect(await readdir(join(cli.folder, 'closed'))).toEqual([])
})

const reason = reasonAgainstDisks()
const title = 'a disk that gets full leaves no piece of a file, and says which did not fit'
test.skipIf(reason !== undefined)(
  reason === undefined ? title : `${title} (SKIPPED, none can be mounted: ${reason})`,
  async () => {
    const { directory, remove } = mountDisk()
    onTestFinished(remove)
    const cli = await setup()
    await completed(cli, 'one', [{ key: 'big', body: Buffer.alloc(10 * 1024 * 1024) }])
    expect(await save(cli, 'one', '--save', directory)).toEqual({
      code: 6,
      stdout: '',
      stderr: `error: No space is left for "${directory}/big": free some, or choose a folder on another disk\n`,
    })
    expect(await readdir(directory)).toEqual([])
    const full = await cli.run(['submit', 'letters', '-', `--local=${directory}`], { input: 'x'.repeat(9_000_000) })
    expect(full).toEqual({
      code: 6,
      stdout: '',
      stderr: expect.stringMatching(/^error: .*the disk is full; make room and try again\n$/),
    })
  },
)
