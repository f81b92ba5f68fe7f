import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
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

/** The files that some files lead to by their imports, those made later too. */
async function reach(paths: readonly string[], found = new Set<string>()): Promise<Set<string>> {
  for (const path of paths) {
    if (found.has(path)) continue
    found.add(path)
    const imports = (await readFile(path, 'utf8')).matchAll(/(?:from|import)\s*\(?["'`](\.[^"'`]+)["'`]/g)
    const ending = path.endsWith('.d.ts') ? '.d.ts' : '.js'
    const names = [...imports].map(([, name = '']) => resolve(dirname(path), name.replace(/\.[jt]s$/, ending)))
    await reach(names, found)
  }
  return found
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

test('an error that nobody catches is shown with the line that it comes from, and not with all of the code', async () => {
  const source = `import { Queue } from 'remotejob'\nnew Queue('a', { attempts: -1 })`
  const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: join(folder, 'project'),
  }).catch((error: { stderr: string }) => error)
  expect(stderr).toContain('RemoteJobError: Expected `attempts` to be an integer')
  expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(400)
})

test('what the library and its backends are made of packs to 150 KB at most, and all of the package to 450 KB', async () => {
  expect((await stat(tarball)).size).toBeLessThanOrEqual(450_000)
  const installed = join(folder, 'project', 'node_modules', 'remotejob', 'dist')
  const library = await reach(['index.js', 'index.d.ts', 'local.js', 'local.d.ts'].map((name) => join(installed, name)))
  expect(library.size).toBeGreaterThan(50)
  const packed = join(folder, 'library.tgz')
  await run('tar', ['-czf', packed, '-C', installed, ...[...library].map((path) => relative(installed, path))])
  expect((await stat(packed)).size).toBeLessThanOrEqual(150_000)
})

test('code is packed without comments, and declarations of what users can import with theirs', async () => {
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

test('the page of the gateway brings its script and its stylesheet along', async () => {
  const told = await script(`
    import { createGateway } from 'remotejob/gateway'
    import { localBackend } from 'remotejob/local'
    const gateway = createGateway({ backend: localBackend({ directory: 'jobs' }) })
    const get = async (path) => (await gateway(new Request('http://localhost' + path), { remoteAddress: '127.0.0.1' })).text()
    const page = await get('/')
    const [[style], [script]] = ['css', 'js'].map((ending) => /ui\\/static\\/[^"]+/g[Symbol.match](page).filter((path) => path.endsWith(ending)))
    console.log(JSON.stringify([(await get('/' + style)).slice(0, 6), (await get('/' + script)).includes('EventSource')]))
    await gateway.close()
  `)
  expect(told).toEqual([':root{', true])
})

test('an import of what the package does not export is refused', async () => {
  await expect(script(`import 'remotejob/dist/queue.js'`)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

test('the runtime dependencies that are installed are those that the package names', async () => {
  const installed = await readdir(join(folder, 'project', 'node_modules'))
  for (const tool of ['vitest', 'sharp', 'typescript', 'fast-check']) expect(installed).not.toContain(tool)
})

/** One command after the other, as somebody types them in a folder without anything; a status other than 0 stands in front. */
const session: readonly (readonly [code: number, line: string, stdout: RegExp])[] = [
  [0, 'provision letters', /^ACTION +KIND/],
  [0, 'submit letters LICENSE --id one', /^one\n$/],
  [0, 'submit letters --metadata n=1 --id two', /^two\n$/],
  [0, 'submit letters --id three', /^three\n$/],
  [0, 'queues', /^QUEUE[^]*\nletters +3 /],
  [0, 'list letters -o yaml', /^- id: /],
  [0, 'cancel letters three', /yes/],
  [0, 'work letters --once -q -- sh -c "cat $JOB_INPUT"', /^$/],
  [0, 'result letters one -o jsonpath={.status}', /^completed\n$/],
  [0, 'logs letters one', /Permission is hereby granted/],
  [0, 'retry letters one --id again', /^again\n$/],
  [0, 'status letters again', /again +pending/],
  [0, 'dead list letters', /^ID/],
  [0, 'dead redrive letters --all', /^ID/],
  [0, 'dead reap letters', /^ID/],
  [0, 'doctor letters', /^ok/],
  [0, 'secret create -n database -l password=1', /^/],
  [0, 'secret update -n database -l password=2', /^/],
  [0, 'secret get -n database', /password/],
  [0, 'secret list', /database/],
  [0, 'configmap create -n settings -l a=1', /^/],
  [0, 'configmap update -n settings -l a=2', /^/],
  [0, 'configmap get -n settings', /a/],
  [0, 'configmap list', /settings/],
  [0, 'job create -n sum --cmd true', /^/],
  [0, 'job update -n sum --retrylimit 1', /^/],
  [0, 'job get -n sum', /sum/],
  [0, 'job list', /sum/],
  [2, 'job bind', /^$/],
  [2, 'job unbind', /^$/],
  [0, 'jobrun submit -j sum -n sums', /sums/],
  [0, 'work --runs --once -q', /^$/],
  [0, 'jobrun get -n sums', /sums/],
  [0, 'jobrun list', /sums/],
  [0, 'jobrun logs -n sums', /^/],
  [0, 'jobrun events -n sums', /^/],
  [0, 'jobrun resubmit -j sums -n sums-2', /^/],
  [0, 'jobrun restart -n sums-2', /^/],
  [0, 'jobrun delete -n sums --force', /^/],
  [0, 'provision photos --bucket my-photos', /^ACTION/],
  [0, 'subscription cos create -n uploads -d sum -b my-photos', /^/],
  [0, 'subscription cos update -n uploads --suffix .png', /^/],
  [0, 'subscription cos get -n uploads', /uploads/],
  [0, 'subscription cos list', /uploads/],
  [0, 'subscription cos delete -n uploads --force', /^/],
  [0, "subscription cron create -n night -d sum -s '30 2 * * *'", /^/],
  [0, "subscription cron update -n night -s '0 3 * * *'", /^/],
  [0, 'subscription cron get -n night', /0 3 \* \* \*/],
  [0, 'subscription cron list', /night/],
  [0, 'subscription cron delete -n night --force', /^/],
  [0, "schedule create -n nightly --queue letters --cron '30 2 * * *'", /^/],
  [0, 'schedule pause -n nightly --queue letters', /^/],
  [0, 'schedule list --queue letters', /nightly/],
  [0, 'schedule resume -n nightly --queue letters', /^/],
  [0, 'schedule delete -n nightly --queue letters --force', /^/],
  [2, 'apply', /^$/],
  [0, 'job delete -n sum --force', /^/],
  [0, 'configmap delete -n settings --force', /^/],
  [0, 'secret delete -n database --force', /^/],
  [2, 'serve --host 0.0.0.0', /^$/],
  [0, 'token create -n ci --scope read', /^remotejob_/],
  [0, 'completion bash', /complete -o default/],
  [0, 'help dead', /redrive/],
  [0, 'teardown letters --yes', /^KIND/],
]

test.skipIf(process.platform === 'win32')(
  'every command of the package that is installed works in an empty folder',
  { timeout: 5 * minutes },
  async () => {
    const cwd = join(folder, 'empty')
    await cp('LICENSE', join(cwd, 'LICENSE'))
    const bin = join(folder, 'project', 'node_modules', '.bin')
    const PATH = `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`
    const env = { PATH, HOME: cwd, REMOTEJOB_LOCAL: 'jobs' }
    const type = (line: string) =>
      run('sh', ['-c', `remotejob ${line.replace('$', '\\$')}`], { cwd, env }).then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      )
    for (const [code, line, stdout] of session)
      expect({ line, ...(await type(line)) }).toMatchObject({ code, stdout: expect.stringMatching(stdout) })
    const missing: string[] = []
    for (const [name = '', ...inner] of await leaves(type))
      if (!session.some(([, line]) => `${line} `.startsWith(`${[name, ...inner].join(' ')} `)))
        missing.push([name, ...inner].join(' '))
    expect(missing, 'commands to be run here as well').toEqual([])
  },
)

/** The names of all commands, as the package itself tells shells. */
async function leaves(
  type: (line: string) => Promise<{ readonly stdout: string }>,
  above: readonly string[] = [],
): Promise<readonly (readonly string[])[]> {
  const { stdout } = await type(`complete -- ${[...above, '""'].join(' ')}`)
  const names = stdout.split('\n').flatMap((line) => /^([a-z]+)\t/.exec(line)?.[1] ?? [])
  if (names.length === 0 || above[0] === 'help' || above[0] === 'completion') return above.length > 0 ? [above] : []
  return (await Promise.all(names.map((name) => leaves(type, [...above, name])))).flat()
}
