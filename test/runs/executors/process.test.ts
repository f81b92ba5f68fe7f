import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Execution, Program } from '../../../src/runs/executors/executor.ts'
import { processExecutor } from '../../../src/runs/executors/process.ts'

/** A sink that is told of each piece, and takes the next one when that has been dealt with. */
function sink(take: (piece: Buffer) => void | Promise<void>): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, answer) {
      void (async () => take(piece))().then(() => answer(), answer)
    },
  }).on('error', () => {})
}

/** Runs a program and keeps what it prints. */
async function run(program: Partial<Program>, execution: Partial<Execution> = {}) {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const end = await processExecutor.run(
    { command: process.execPath, args: [], environment: {}, directory: undefined, folder: tmpdir(), ...program },
    {
      stdout: sink((piece) => void out.push(piece)),
      stderr: sink((piece) => void err.push(piece)),
      signal: new AbortController().signal,
      graceSeconds: 5,
      ...execution,
    },
  )
  return { end, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }
}

const sh = (script: string): Partial<Program> => ({ command: 'sh', args: ['-c', script] })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A run that is told to end once it has said that it is ready, with what it printed until then. */
function stoppable(program: Partial<Program>, graceSeconds: number) {
  const stop = new AbortController()
  let text = ''
  const stdout = sink((piece) => {
    text += piece.toString()
    if (text.includes('ready')) stop.abort()
  })
  return { done: run(program, { stdout, signal: stop.signal, graceSeconds }), text: () => text }
}

describe.skipIf(process.platform === 'win32')('a program', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remotejob-process-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('says how it ended, and all that it printed', async () => {
    const { end, stdout, stderr } = await run(sh('printf out; printf err >&2; exit 3'))
    expect([end, stdout.toString(), stderr.toString()]).toEqual([{ kind: 'exited', code: 3 }, 'out', 'err'])
  })

  it('prints any bytes', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte)
    const { stdout } = await run({ args: ['-e', `process.stdout.write(Buffer.from(${JSON.stringify(bytes)}))`] })
    expect([...stdout]).toEqual(bytes)
  })

  it('gets its arguments as they are, without a shell', async () => {
    const args = ['$HOME', '`id`', '; exit 9', "a'b", '', '*', 'ü\n']
    const { stdout } = await run({ args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args] })
    expect(JSON.parse(stdout.toString())).toEqual(args)
  })

  it('has the environment of this process, less that of a job, and what it is told', async () => {
    vi.stubEnv('JOB_META_OUTER', 'x')
    vi.stubEnv('INHERITED', 'x')
    const { stdout } = await run({ args: ['-p', 'JSON.stringify(process.env)'], environment: { A: '1', B: 'x=y\nz' } })
    vi.unstubAllEnvs()
    const found: unknown = JSON.parse(stdout.toString())
    expect(found).toMatchObject({ A: '1', B: 'x=y\nz', INHERITED: 'x' })
    expect(found).not.toHaveProperty('JOB_META_OUTER')
  })

  it('has nothing to read', async () => {
    expect((await run(sh('cat'))).stdout.toString()).toBe('')
  })

  it('starts in the folder that it is given', async () => {
    expect((await run({ ...sh('pwd -P'), directory: '/' })).stdout.toString()).toBe('/\n')
  })

  it.each([
    ['that is not there', '/no/such/program', 'ExecutableNotFound'],
    ['that is in no folder of PATH', 'no-such-program', 'ExecutableNotFound'],
    ['that is a folder', tmpdir(), 'NotExecutable'],
  ])('%s is said not to have been started', async (_, command, reason) => {
    expect((await run({ command })).end).toMatchObject({ kind: 'not started', reason })
  })

  it('that may not be executed, or has too large an argument, was not started', async () => {
    const script = join(folder, 'script')
    await writeFile(script, '#!/bin/sh\n', { mode: 0o600 })
    expect((await run({ command: script })).end).toMatchObject({ kind: 'not started', reason: 'NotExecutable' })
    const args = ['x'.repeat(4 * 1024 * 1024)]
    await expect(run({ args })).rejects.toThrow('E2BIG')
  })

  it('that is killed by itself says by which signal', async () => {
    expect((await run(sh('kill -SEGV $$'))).end).toEqual({ kind: 'killed', signal: 'SIGSEGV' })
  })

  it('is asked to end, and may tidy up', async () => {
    const { done, text } = stoppable(sh('trap "echo tidy; exit 5" TERM; echo ready; while :; do sleep 0.05; done'), 20)
    expect((await done).end).toEqual({ kind: 'exited', code: 5 })
    expect(text()).toContain('tidy')
  })

  it('that does not listen is killed after its grace, with all that it started', async () => {
    const { done, text } = stoppable(sh(`trap "" TERM; sleep 300 & echo $! ready; while :; do sleep 0.05; done`), 1)
    expect((await done).end).toEqual({ kind: 'killed', signal: 'SIGKILL' })
    await vi.waitFor(() => expect(isAlive(Number.parseInt(text(), 10))).toBe(false), 5000)
  })

  it('leaves nobody of its group behind when it exits', async () => {
    const { end, stdout } = await run(sh('sleep 300 & echo $!'))
    expect(end).toEqual({ kind: 'exited', code: 0 })
    await vi.waitFor(() => expect(isAlive(Number.parseInt(stdout.toString(), 10))).toBe(false), 5000)
  })

  it('is done when it exits, though one that left its group keeps its output open', async () => {
    const script = `const { spawn } = require('node:child_process')
      const child = spawn('sleep', ['60'], { detached: true, stdio: 'inherit' })
      process.stdout.write(String(child.pid), () => process.exit(0))`
    const { end, stdout } = await run({ args: ['-e', script] })
    expect(end).toEqual({ kind: 'exited', code: 0 })
    expect(isAlive(Number(stdout.toString()))).toBe(true)
    process.kill(Number(stdout.toString()), 'SIGKILL')
  })

  it('waits for whoever takes its output, which is never all in memory', async () => {
    let most = 0
    let taken = 0
    const stdout = sink(async (piece) => {
      taken += piece.byteLength
      if (taken % (64 * 64 * 1024) === 0) await delay(1)
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    })
    const before = process.memoryUsage().arrayBuffers
    const { end } = await run(sh('head -c 104857600 /dev/zero'), { stdout })
    expect([end, taken]).toEqual([{ kind: 'exited', code: 0 }, 104_857_600])
    expect(most - before).toBeLessThan(50 * 1024 * 1024)
  })

  it('is done only when its last words are taken, however slowly', async () => {
    let taken = 0
    const stdout = sink(async (piece) => {
      await delay(700)
      taken += piece.byteLength
    })
    const { end } = await run(sh('head -c 200000 /dev/zero'), { stdout })
    expect([end, taken]).toEqual([{ kind: 'exited', code: 0 }, 200_000])
  })

  it('whose output cannot be taken does not wait for ever', async () => {
    const stdout = sink(() => Promise.reject(new Error('no space left')))
    const { end } = await run(sh('while :; do echo x; done'), { stdout })
    expect(end.kind).not.toBe('not started')
    expect(stdout.errored?.message).toBe('no space left')
  })

  it('is not started when it is unwanted already', async () => {
    const { end, stdout } = await run(sh('echo no'), { signal: AbortSignal.abort() })
    expect([end.kind, stdout.toString()]).toEqual(['killed', ''])
  })
})
