import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const minutes = 60_000

/** What is in a checkout but not in the repository; `.git` stays behind too, since a tarball of the sources has none. */
const untracked = new Set(['.git', 'node_modules', 'dist', '.cache', 'coverage', 'demo-output', '.remotejob'])
let folder: string
let tarball: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remotejob-package-'))
  tarball = await pack(join(folder, 'sources'))
  await install(join(folder, 'project'))
}, 5 * minutes)

afterAll(() => rm(folder, { recursive: true }))

/** Packs a copy of the sources, which builds them. */
async function pack(sources: string): Promise<string> {
  await cp(resolve('.'), sources, { recursive: true, filter: (path) => !untracked.has(basename(path)) })
  await symlink(resolve('node_modules'), join(sources, 'node_modules'), 'junction')
  const { stdout } = await npm(sources, 'pack', '--pack-destination', folder)
  return join(folder, stdout.trim().split('\n').at(-1) ?? '')
}

/** A user's project with the tarball as its only dependency. */
async function install(project: string): Promise<void> {
  await cp('LICENSE', join(project, 'LICENSE'))
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  await npm(project, 'install', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', tarball)
}

function npm(cwd: string, ...words: string[]) {
  return run('npm', words, { cwd, shell: process.platform === 'win32' })
}

async function script(source: string): Promise<unknown> {
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: join(folder, 'project'),
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

async function filesOf(archive: string): Promise<readonly string[]> {
  const { stdout } = await run('tar', ['-tzf', archive])
  return stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
}

test('the tarball holds the built package and its papers, and nothing else', async () => {
  const files = await filesOf(tarball)
  expect(files.filter((file) => !file.startsWith('dist/')).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ])
  expect(files.filter((file) => file.startsWith('dist/') && !/^dist\/[\w/-]+(\.d\.ts|\.js)$/.test(file))).toEqual([])
  expect(files).toContain('dist/local.d.ts')
})

test('the tarball is 150 KB at most: code without comments, and declarations of what users can import', async () => {
  expect((await stat(tarball)).size).toBeLessThanOrEqual(150_000)
  const files = await filesOf(tarball)
  expect(files).toContain('dist/lifecycle/settings.d.ts')
  expect(files).not.toContain('dist/aws/clients.d.ts')
  const installed = join(folder, 'project', 'node_modules', 'remotejob', 'dist')
  for (const name of files.filter((file) => file.endsWith('.js')))
    expect(await readFile(join(installed, '..', name), 'utf8'), name).not.toContain('/**')
  expect(await readFile(join(installed, 'queue.d.ts'), 'utf8')).toContain('/**')
})

test('a project that installs the tarball sends a job from one end to the other', async () => {
  const told = await script(`
    import { Queue } from 'remotejob'
    import { localBackend } from 'remotejob/local'
    const queue = new Queue('letters', { backend: localBackend({ directory: 'jobs' }) })
    const handle = await queue.submit({ to: 'upper case', body: 'dear reader' })
    const job = await queue.next()
    await job.complete({ body: (await job.text()).toUpperCase() })
    const { assets } = await handle.result()
    console.log(JSON.stringify([job.metadata, await assets.output.text()]))
    await queue.close()
  `)
  expect(told).toEqual([{ to: 'upper case' }, 'DEAR READER'])
})

test('importing the package loads neither SQLite nor the SDK before a queue needs them', async () => {
  const loaded = await script(`
    import { registerHooks } from 'node:module'
    const names = []
    registerHooks({ resolve: (name, context, next) => (names.push(name), next(name, context)) })
    await import('remotejob')
    console.log(JSON.stringify([names.length > 10, names.filter((name) => /sqlite|^@aws-sdk/.test(name))]))
  `)
  expect(loaded).toEqual([true, []])
})

test('an import of what the package does not export is refused', async () => {
  await expect(script(`import 'remotejob/dist/queue.js'`)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

test('the runtime dependencies that are installed are those that the package names', async () => {
  const installed = await readdir(join(folder, 'project', 'node_modules'))
  for (const tool of ['vitest', 'sharp', 'typescript', 'fast-check']) expect(installed).not.toContain(tool)
})
