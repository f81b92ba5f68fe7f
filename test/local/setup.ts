import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { MessageQueue, OpenBackend, Place } from '../../src/backend.ts'
import { localBackend } from '../../src/local.ts'
import { placeNamed } from './place.ts'

export { placeNamed }

export async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export interface Opened extends OpenBackend {
  readonly pending: MessageQueue
}

/** An open place named `test` in the directory, closed after the test. */
export async function openPlace(directory: string, overrides: Partial<Place> = {}, fsync = true): Promise<Opened> {
  const opened = bindPlace(directory, overrides, fsync)
  await opened.ready()
  return opened
}

export function bindPlace(directory: string, overrides: Partial<Place> = {}, fsync = true): Opened {
  const place = { ...placeNamed('test'), ...overrides }
  const opened = localBackend({ directory, fsync }).open(place)
  onTestFinished(() => opened.close())
  return Object.assign(opened, { pending: opened.queue('test-pending') })
}

/** The database as somebody else would open it. */
export function openDatabase(directory: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, 'remotejob.sqlite3'))
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  return database
}

export interface Child {
  readonly process: ChildProcess
  /** Lines that it printed, as they come. */
  readonly lines: AsyncIterator<string>
  readonly errors: () => string
  exit(): Promise<number | null>
}

/** Runs a file of `children/` in a process of its own. */
export function startChild(name: string, args: readonly string[]): Child {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = once(child, 'close')
  return {
    process: child,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    errors: () => errors,
    exit: async () => {
      await ended
      return child.exitCode
    },
  }
}

/** The next line that a child prints. */
export async function nextLine(child: Child): Promise<string> {
  const line = await child.lines.next()
  if (line.done) throw new Error(`The child ended: ${child.errors()}`)
  return line.value
}
