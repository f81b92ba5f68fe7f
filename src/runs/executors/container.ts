import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { promisify } from 'node:util'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import { copy, endUnused } from './copy.ts'
import type { Execution, Executor, Program, ProgramEnd } from './executor.ts'
import { type Handed, handOver } from './hand-over.ts'

/** How containers are run. */
export interface ContainerOptions {
  readonly image: string
  /** The command of podman or docker. @default 'podman' */
  readonly engine?: string | undefined
  /** Options for `run` of the engine, such as `--runtime`. @default none */
  readonly engineOptions?: readonly string[] | undefined
  /** Processors, with fractions. @default no limit */
  readonly cpus?: number | undefined
  /** Bytes. @default no limit */
  readonly memoryBytes?: number | undefined
}

const run = promisify(execFile)

/** Exit codes of `run` itself: https://docs.podman.io/en/latest/markdown/podman-run.1.html#exit-status */
const notFound = 127
const notExecutable = 126
/** 128 + SIGKILL: what a container is ended with that takes more memory than it may. */
const killed = 128 + constants.signals.SIGKILL

/**
 * Runs programs in containers of an image, by the command line of podman or docker. The container has the job's folder at the same path
 * as this machine, the image's environment, and what the program is told of its job. Values of variables never are among the engine's
 * arguments, which others can see.
 */
export function containerExecutor(options: ContainerOptions): Executor {
  return { run: (program, execution) => new Container(options).run(program, execution) }
}

class Container {
  readonly #options: ContainerOptions
  readonly #engine: string
  readonly #name = `remotejob-${randomBytes(8).toString('hex')}`
  #wasTold = false

  constructor(options: ContainerOptions) {
    this.#options = options
    this.#engine = options.engine ?? 'podman'
  }

  async run(program: Program, { stdout, stderr, signal, graceSeconds }: Execution): Promise<ProgramEnd> {
    const handed = await handOver(program).catch(asError)
    if (signal.aborted || handed instanceof Error) {
      await endUnused(stdout, stderr)
      if (handed instanceof Error) return { kind: 'not started', reason: 'ContainerNotCreated', error: handed }
      await handed[Symbol.asyncDispose]()
      return { kind: 'killed', signal: 'SIGTERM' }
    }
    // A group of its own: Ctrl-C is for the worker, which tells the container in its own way.
    const child = spawn(this.#engine, this.#words(program, handed), {
      // Some engines leave a file beside themselves when memory runs out.
      cwd: program.folder,
      env: { ...process.env, ...handed.environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let force: NodeJS.Timeout | undefined
    const end = (): void => {
      this.#tell('TERM')
      force = setTimeout(() => this.#tell('KILL'), graceSeconds * 1000)
    }
    signal.addEventListener('abort', end, { once: true })
    const output = Promise.all([copy(child.stdout, stdout), copy(child.stderr, stderr)])
    try {
      const code = await exitOf(child)
      await output
      return await this.#endFrom(code)
    } catch (error) {
      await output
      return { kind: 'not started', reason: 'ContainerNotCreated', error: asError(error) }
    } finally {
      clearTimeout(force)
      signal.removeEventListener('abort', end)
      await Promise.all([this.#ask('rm', '--force', this.#name), handed[Symbol.asyncDispose]()])
    }
  }

  #words({ command, args, directory, folder, places = {} }: Program, handed: Handed): string[] {
    const { image, engineOptions = [], cpus, memoryBytes } = this.#options
    return [
      'run',
      ...engineOptions,
      '--name',
      this.#name,
      '--volume',
      `${folder}:${folder}`,
      ...Object.entries(places).flatMap(([inside, outside]) => ['--volume', `${outside}:${inside}:ro`]),
      ...handed.words,
      ...(cpus === undefined ? [] : ['--cpus', String(cpus)]),
      // Without more swap than memory: what is beyond the limit is killed and not paged out.
      ...(memoryBytes === undefined ? [] : ['--memory', `${memoryBytes}b`, '--memory-swap', `${memoryBytes}b`]),
      ...(directory === undefined ? [] : ['--workdir', directory]),
      ...(command === '' ? [] : ['--entrypoint', command]),
      image,
      ...args,
    ]
  }

  /** The engine answers with the program's exit code, or with its own where there was no program. */
  async #endFrom(code: number): Promise<ProgramEnd> {
    const state = parseJson(await this.#ask('inspect', '--format', '{{json .State}}', this.#name))
    const started = isJsonObject(state) && state['Status'] !== 'created'
    if (!isJsonObject(state) || !started) {
      const reason = code === notFound ? 'ExecutableNotFound' : code === notExecutable ? 'NotExecutable' : undefined
      const error = new Error(`${this.#engine} ended with exit code ${code}; what it said is in stderr`)
      return { kind: 'not started', reason: reason ?? 'ContainerNotCreated', error }
    }
    if (this.#wasTold) return { kind: 'killed', signal: code === killed ? 'SIGKILL' : 'SIGTERM' }
    // Some engines do not tell; nobody else ends a container like that.
    const isTooLarge = state['OOMKilled'] === true || (code === killed && this.#options.memoryBytes !== undefined)
    if (isTooLarge) return { kind: 'killed', signal: 'SIGKILL', reason: 'OOMKilled' }
    return code === killed ? { kind: 'killed', signal: 'SIGKILL' } : { kind: 'exited', code }
  }

  #tell(signal: 'TERM' | 'KILL'): void {
    this.#wasTold = true
    void this.#ask('kill', '--signal', signal, this.#name)
  }

  /** What the engine answers; nothing where it refuses, as of a container that there is not (any more). */
  async #ask(...words: readonly string[]): Promise<string> {
    try {
      return (await run(this.#engine, [...words])).stdout
    } catch {
      return ''
    }
  }
}

async function exitOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('exit', (code) => resolve(code ?? killed))
  return promise
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
