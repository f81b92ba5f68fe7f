import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { type FreshProject, freshProject } from '../fresh-project.ts'

/** Installs the package and its examples in a folder, for the tests of a file. */
export function useExamples() {
  let project: FreshProject | undefined
  beforeAll(async () => {
    project = await freshProject()
    const isOurs = (path: string) => !path.includes('thumbnails') // the demo has a test of its own
    await cp('examples', join(project.folder, 'examples'), { recursive: true, filter: isOurs })
  }, 60_000)
  afterAll(() => project?.remove())

  /** An example in a process of its own, in an empty folder and on an empty local queue. */
  return async function setup(env: Readonly<Record<string, string>> = {}) {
    const folder = await mkdtemp(join(project?.folder ?? '', 'run-'))
    const start = (program: string, ...words: string[]) => new Program(spawnIn(folder, program, words, env))
    return { folder, start, run: (program: string, ...words: string[]) => start(program, ...words).output() }
  }
}

function spawnIn(
  folder: string,
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { ...process.env, REMOTEJOB_LOCAL: 'jobs', NODE_OPTIONS: '', AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** A program that runs, and what it says. */
export class Program {
  readonly #child: ChildProcess
  readonly #closed: Promise<readonly unknown[]>
  readonly #errors: Promise<string>
  readonly #lines: string[] = []
  readonly #heard = new Map<string, (line: string) => void>()

  constructor(child: ChildProcess) {
    this.#child = child
    this.#closed = once(child, 'close')
    if (!child.stdout || !child.stderr) throw new Error('The program has no output')
    this.#errors = text(child.stderr)
    createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line)
      for (const [start, tell] of this.#heard) if (line.startsWith(start)) tell(line)
    })
  }

  /** Resolves a line that begins so, once it was printed; rejects when the program ends without it. */
  async says(start: string): Promise<string> {
    const said = this.#lines.find((line) => line.startsWith(start))
    if (said !== undefined) return said
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#heard.set(start, resolve)
    const ended = this.#closed.then(async (): Promise<never> => {
      throw new Error(`It ended without saying "${start}". ${this.#lines.join('\n')} ${await this.#errors}`)
    })
    return Promise.race([promise, ended])
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Its lines, once it has ended as a program does for which all went well. */
  async output(): Promise<readonly string[]> {
    const [code, signal] = await this.#closed
    expect({ code, signal, errors: await this.#errors }).toEqual({ code: 0, signal: null, errors: '' })
    return this.#lines
  }
}
