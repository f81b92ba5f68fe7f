import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { copy, endUnused } from './copy.ts'
import type { Execution, Executor, Program, ProgramEnd } from './executor.ts'

/** Milliseconds without a byte after which, once a program has ended, no more output is waited for: of a process that left its group it never ends. */
const silence = 500

type Child = ChildProcessByStdio<null, Readable, Readable>

/** Runs programs as processes of this machine, each in a process group of its own, with the environment and in the folder of this one. */
export const processExecutor: Executor = {
  async run(program, execution) {
    const started: Child | ProgramEnd = execution.signal.aborted
      ? { kind: 'killed', signal: 'SIGTERM' }
      : await start(program)
    if (!('kind' in started)) return watch(started, execution)
    await endUnused(execution.stdout, execution.stderr)
    return started
  },
}

/** The environment of this process, less that of a job that it may itself be run for. */
function own(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('JOB_')))
}

/** The process, once it runs; or why it does not. */
async function start({ command, args, environment, directory = process.cwd() }: Program): Promise<Child | ProgramEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<Child | ProgramEnd>()
  // Arguments with NUL bytes, or more of them than the system takes, are refused before or by the system call.
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...own(), ...environment },
    // A group of its own, which can be ended with all that the program started.
    detached: process.platform !== 'win32',
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  child.once('spawn', () => resolve(child))
  child.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') resolve({ kind: 'not started', reason: 'ExecutableNotFound', error })
    else if (error.code === 'EACCES' || error.code === 'ENOEXEC')
      resolve({ kind: 'not started', reason: 'NotExecutable', error })
    else reject(error)
  })
  return promise
}

async function watch(child: Child, { stdout, stderr, signal, graceSeconds }: Execution): Promise<ProgramEnd> {
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>()
  child.once('exit', (code, by) =>
    resolve(by === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal: by }),
  )
  let force: NodeJS.Timeout | undefined
  const end = (): void => {
    kill(child, 'SIGTERM')
    force = setTimeout(() => kill(child, 'SIGKILL'), graceSeconds * 1000)
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  const output = Promise.all([copy(child.stdout, stdout), copy(child.stderr, stderr)])
  try {
    return await promise
  } finally {
    clearTimeout(force)
    signal.removeEventListener('abort', end)
    // What the program left behind in its group is not left running.
    kill(child, 'SIGKILL')
    const timers = [closeWhenSilent(child.stdout, stdout), closeWhenSilent(child.stderr, stderr)]
    await output
    for (const timer of timers) clearInterval(timer)
  }
}

/** What is still on its way is waited for, however slowly it is taken. */
function closeWhenSilent(from: Readable, to: Writable): NodeJS.Timeout {
  let before = -1
  return setInterval(() => {
    const bytes = 'bytesRead' in from && typeof from.bytesRead === 'number' ? from.bytesRead : 0
    if (bytes === before && from.readableLength === 0 && to.writableLength === 0) from.destroy()
    before = bytes
  }, silence)
}

/** Signals the whole group; one that has ended is no error. */
function kill(child: Child, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error
  }
}
