import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface Daemon {
  /** Ends the process and waits until it is gone. */
  close(): Promise<void>
}

export interface DaemonOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment?: Readonly<Record<string, string>>
  /** Whether it can be used by now. */
  readonly isReady: () => Promise<boolean>
}

/** Seconds for a start, on a machine that is busy; and for an end that is asked for politely. */
const startSeconds = 120
const farewellSeconds = 10

/** What a process said last is enough to tell why it ended. */
const keptCharacters = 4_000

/** Starts a program that goes on, and waits until it can be used. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { program, args, directory, environment, isReady } = options
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = tailOf(child)
  const kill = (): void => void child.kill('SIGKILL')
  process.on('exit', kill) // a run that is broken off closes nothing
  child.on('exit', () => process.off('exit', kill))
  const daemon = { close: () => end(child) }
  try {
    await ready(child, isReady)
    return daemon
  } catch (error) {
    await daemon.close()
    throw new Error(`${program} did not start. It said last:\n${said()}`, { cause: error })
  }
}

async function ready(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const failed = new AbortController()
  child.on('error', (error) => failed.abort(error))
  child.on('exit', (code, signal) => failed.abort(new Error(`It ended with ${code ?? signal}`)))
  const until = AbortSignal.any([failed.signal, AbortSignal.timeout(startSeconds * 1000)])
  while (!(await isReady())) {
    until.throwIfAborted()
    await delay(100)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), farewellSeconds * 1000)
  await gone
  clearTimeout(impatience)
}

function tailOf(child: ChildProcess): () => string {
  let tail = ''
  const keep = (chunk: Buffer): void => void (tail = (tail + chunk.toString()).slice(-keptCharacters))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => tail
}

/** For `isReady`: whether the URL answers, whatever it says. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.status < 500
  } catch {
    return false
  }
}

/** A port of 127.0.0.1 that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('A server on a port has an address')
}
