import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'

/** The command as it is built. */
export const program = resolve('dist/cli/main.js')

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => statSync(join('src', name)))
const newest = Math.max(...sources.filter((about) => about.isFile()).map(({ mtimeMs }) => mtimeMs))
if (!existsSync(program) || statSync(program).mtimeMs < newest)
  throw new Error('dist is older than src, and these tests run what is built: npm run build')

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a run of the command is given beside its words. */
export interface Given {
  /** Added to the environment, which has nothing of the machine's own but its PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Text on standard input; otherwise that is empty. */
  readonly input?: string
  /** User to run as, where the tests may choose. */
  readonly uid?: number
}

/** The command in a folder of its own, on the local backend in `jobs` unless `REMOTEJOB_LOCAL` says something else. */
export interface Cli {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  run(words: readonly string[], given?: Given): Promise<Ended>
  start(words: readonly string[], given?: Given): ChildProcessWithoutNullStreams
  /** Starts any program in that folder, with the same environment. */
  startAny(words: readonly string[], given?: Given): ChildProcessWithoutNullStreams
  /** Writes files into the folder. */
  files(texts: Readonly<Record<string, string>>): Promise<void>
  /** The library's queue in that folder, for what workers do. */
  queue(name: string): Queue
}

/** Makes a folder, which goes when the test has finished. */
export async function setup(): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const env = { ...bareEnvironment(folder), REMOTEJOB_LOCAL: 'jobs' }
  const startAny = (words: readonly string[], given: Given = {}) =>
    startIn(folder, words, { env: { ...env, ...given.env }, uid: given.uid })
  const start = (words: readonly string[], given: Given = {}) => startAny([process.execPath, program, ...words], given)
  return {
    folder,
    env,
    start,
    startAny,
    run: (words, given) => ended(start(words, given), given?.input),
    files: async (texts) => {
      for (const [name, content] of Object.entries(texts)) await writeFile(join(folder, name), content)
    },
    queue: (name) => openQueue(name, join(folder, 'jobs')),
  }
}

/** Nothing of the machine's own settings. */
export function bareEnvironment(folder: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TZ: 'UTC',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'aws-credentials'),
  }
}

function startIn(
  cwd: string,
  [file = '', ...words]: readonly string[],
  about: { env: Record<string, string>; uid: number | undefined },
): ChildProcessWithoutNullStreams {
  const child = spawn(file, words, { cwd, ...about, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Waits for the end. A command that reads no input closes it early, which is no fault. */
export async function ended(child: ChildProcessWithoutNullStreams, input = ''): Promise<Ended> {
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code: typeof code === 'number' ? code : null, stdout, stderr }
}

function openQueue(name: string, directory: string): Queue {
  const queue = new Queue(name, { backend: localBackend({ directory }) })
  onTestFinished(() => queue.close())
  return queue
}
