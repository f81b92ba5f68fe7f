import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ContainerOptions, containerExecutor } from '../../../src/runs/executors/container.ts'
import type { Program, ProgramEnd } from '../../../src/runs/executors/executor.ts'
import { parseReference } from '../../../src/runs/definition/environment-entry.ts'
import { writeMounts } from '../../../src/runs/programs/mounts.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs } from '../../../src/runs.ts'

/** What containers need on machines that are containers themselves. */
const engineOptions = ['--runtime', 'runc', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
/** Others may run these tests at the same time. */
const image = `remotejob-test-busybox-${process.pid}`
const works = (command: string, ...words: string[]) => spawnSync(command, words).status === 0
const missing = [
  ...(works('podman', '--version') ? [] : ['podman']),
  ...(works('runc', '--version') ? [] : ['runc']),
  ...(works('busybox', 'true') ? [] : ['a static busybox']),
]
if (missing.length > 0) console.warn(`The container executor is not tested here: there is no ${missing.join(', no ')}`) // oxlint-disable-line no-console

describe.skipIf(missing.length > 0)('a container of podman', () => {
  let root: string
  let folder: string

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'remotejob-image-'))
    mkdirSync(join(root, 'bin'))
    mkdirSync(join(root, 'tmp'))
    copyFileSync(execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim(), join(root, 'bin/busybox'))
    for (const name of ['sh', 'cat', 'sleep', 'tail', 'env', 'cp', 'ls'])
      symlinkSync('busybox', join(root, 'bin', name))
    writeFileSync(join(root, 'bin/text'), 'no program')
    chmodSync(join(root, 'bin/text'), 0o644)
    const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 })
    execFileSync('podman', ['import', '--change', 'ENV=PATH=/bin', '-', image], {
      input: archive,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
  }, 60_000)

  afterAll(() => {
    spawnSync('podman', ['rmi', '--force', image])
    rmSync(root, { recursive: true })
  })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remotejob-container-'))
  })

  afterEach(() => {
    rmSync(folder, { recursive: true })
    expect(
      execFileSync('podman', ['ps', '--all', '--quiet', '--filter', `ancestor=${image}`], { encoding: 'utf8' }),
    ).toBe('')
  })

  /** Runs a shell's command line; `seconds` is when it is told to end. */
  async function sh(
    script: string,
    options: Partial<ContainerOptions> = {},
    more: Partial<Program> = {},
    seconds = 20,
  ) {
    return run({ command: '/bin/sh', args: ['-c', script], ...more }, options, seconds)
  }

  async function run(
    more: Partial<Program> & Pick<Program, 'command' | 'args'>,
    options: Partial<ContainerOptions> = {},
    seconds = 20,
  ) {
    const said = { stdout: '', stderr: '' }
    const sink = (name: keyof typeof said) =>
      new Writable({
        write(chunk, _encoding, callback) {
          said[name] += String(chunk)
          callback()
        },
      })
    const program = { folder, directory: undefined, environment: { JOB_ID: 'one', PASSWORD: 'a b=c' }, ...more }
    const signal = AbortSignal.timeout(seconds * 1000)
    const end: ProgramEnd = await containerExecutor({ image, engineOptions, ...options }).run(program, {
      stdout: sink('stdout'),
      stderr: sink('stderr'),
      signal,
      graceSeconds: 1,
    })
    return { end, ...said }
  }

  test('runs the program with its variables, its folder and both outputs', async () => {
    writeFileSync(join(folder, 'input'), 'hello')
    const ran = await sh(`cat ${folder}/input; echo "$JOB_ID $PASSWORD" >&2; echo done > ${folder}/output`)
    expect(ran).toEqual({ end: { kind: 'exited', code: 0 }, stdout: 'hello', stderr: 'one a b=c\n' })
    expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('done\n')
  })

  test('gives nothing else of the worker’s environment to the container, and no value to the arguments', async () => {
    process.env['SECRET_OF_THE_WORKER'] = 'hush'
    try {
      const { stdout } = await sh('env; cat /proc/1/cmdline')
      expect(stdout).toContain('JOB_ID=one')
      expect(stdout).not.toContain('hush')
    } finally {
      delete process.env['SECRET_OF_THE_WORKER']
    }
  })

  test('tells how it ended: an exit code, a program that there is not, one that is none', async () => {
    expect((await sh('exit 3')).end).toEqual({ kind: 'exited', code: 3 })
    expect((await run({ command: '/bin/nosuch', args: [] })).end).toMatchObject({
      kind: 'not started',
      reason: 'ExecutableNotFound',
    })
    expect((await run({ command: '/bin/text', args: [] })).end).toMatchObject({
      kind: 'not started',
      reason: 'NotExecutable',
    })
  })

  test('one that takes more memory than it may is OOMKilled', async () => {
    const { end } = await sh('tail /dev/zero', { memoryBytes: 20_000_000 })
    expect(end).toEqual({ kind: 'killed', signal: 'SIGKILL', reason: 'OOMKilled' })
  })

  test('is ended with SIGTERM, and with SIGKILL when it does not heed that', async () => {
    expect((await sh('trap "exit 0" TERM; sleep 20 & wait', {}, {}, 2)).end).toEqual({
      kind: 'killed',
      signal: 'SIGTERM',
    })
    expect((await sh('trap "" TERM; sleep 20 & wait; sleep 20', {}, {}, 2)).end).toEqual({
      kind: 'killed',
      signal: 'SIGKILL',
    })
  })

  test('an image or an engine that there is not is said to be so', async () => {
    const { end, stderr } = await sh('true', { image: 'localhost/nosuch:none', engineOptions: ['--pull=never'] })
    expect(end).toMatchObject({ kind: 'not started', reason: 'ContainerNotCreated' })
    expect(stderr).toContain('image not known')
    expect((await sh('true', { engine: 'no-such-engine' })).end).toMatchObject({ reason: 'ContainerNotCreated' })
  })

  test('mounts are there to be read, by every user of the container, and are not to be written', async () => {
    const mounts = [
      { directory: '/etc/app', files: { a: '1', b: Buffer.from([0xff]) } },
      { directory: 'own', files: { c: '3' } },
    ]
    const { places, directory } = await writeMounts(folder, mounts)
    const script = `cat /etc/app/a ${directory}/own/c; echo x > /etc/app/a; echo x > ${directory}/own/c; ls -ln /etc/app`
    const { stdout, stderr } = await sh(script, {}, { places })
    expect(stdout).toMatch(/^13total.*\n-r--r--r--.* a\n-r--r--r--.* b\n$/)
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2)
  })

  test('values of variables are in no process’s arguments, and those that mean something to the engine not in its environment', async () => {
    const environment = { ONE: 'hush-1 "\n', PATH: '/bin:/hush-2', LD_PRELOAD: '/hush-3', HTTP_PROXY: 'http://hush-4' }
    const look = 'env; echo looking; while ! [ -e looked ]; do sleep 0.1; done'
    const running = sh(`cd ${folder}; ${look}`, {}, { environment })
    const seen = await vi.waitUntil(() => containersOf('conmon'), { timeout: 20_000, interval: 50 })
    for (const { words } of processes()) expect(words).not.toContain('hush-')
    for (const { environment: own } of seen) expect(own).not.toMatch(/hush-[234]/)
    writeFileSync(join(folder, 'looked'), '')
    const { stdout, end } = await running
    expect(end).toEqual({ kind: 'exited', code: 0 })
    for (const [name, value] of Object.entries(environment)) expect(stdout).toContain(`${name}=${value}\n`)
    expect(existsSync(join(folder, '.environment'))).toBe(false)
  })

  test('of a run has its config map and its secret, as variables and as files', async () => {
    const queue = new Queue('runs', { backend: localBackend({ directory: join(folder, 'jobs'), fsync: false }) })
    const runs = new Runs(queue)
    await runs.configMaps.create('settings', { MODE: 'fast', 'app.conf': 'a=1' })
    await runs.secrets.create('db', { password: 'hush "1"\n', PATH: '/bin:/usr/bin' })
    await runs.jobs.create({
      name: 'show',
      image,
      command: ['/bin/sh', '-c', 'echo "$MODE $password$PATH"; cat /etc/app/app.conf "$JOB_MOUNTS_DIR/db/password"'],
      environment: [...parseReference('settings', 'config map', ''), ...parseReference('db', 'secret', '')],
      mounts: [
        { directory: '/etc/app', from: 'config map', name: 'settings' },
        { directory: 'db', from: 'secret', name: 'db' },
      ],
      retryLimit: 0,
    })
    const name = await runs.submit({ job: 'show' })
    const worker = runs.work({ engineOptions })
    const { status } = await runs.wait(name, { timeoutSeconds: 60 })
    let said = ''
    for await (const { stream, bytes } of runs.logs(name))
      if (stream === 'stdout') said += Buffer.from(bytes).toString()
    await worker.close()
    await queue.close()
    expect([status, said]).toEqual(['completed', 'fast hush "1"\n/bin:/usr/bin\na=1hush "1"\n'])
  }, 90_000)

  test('a value that can be handed over in neither way is refused, and not shown', async () => {
    const { end } = await sh('true', {}, { environment: { LD_PRELOAD: '/hush.so\n' } })
    expect(end).toMatchObject({ kind: 'not started', reason: 'ContainerNotCreated' })
    const message = end.kind === 'not started' ? end.error.message : ''
    expect(message).toContain('The variable LD_PRELOAD means something to the container engine')
    expect(message).not.toContain('hush')
  })
})

/** What runs on this machine, and with what. */
function processes(): { words: string; environment: string }[] {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map((id) => ({ words: read(`/proc/${id}/cmdline`), environment: read(`/proc/${id}/environ`) }))
}

/** The engine's processes of our containers, when there are some. */
function containersOf(command: string) {
  const found = processes().filter(
    ({ words }) => /^[^\0]*(?:podman|conmon)\0/.test(words) && words.includes('remotejob-'),
  )
  return found.some(({ words }) => words.split('\0')[0]?.endsWith(command)) ? found : undefined
}
