import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { containerExecutor } from '../../../src/runs/executors/container.ts'
import { processExecutor } from '../../../src/runs/executors/process.ts'

/** Whoever reads an output waits for its end. */

const executors = {
  process: processExecutor,
  container: containerExecutor({ image: 'none', engine: 'no-such-engine' }),
}

test.each(['process', 'container'] as const)(
  'a program that is not begun any more ends its outputs (%s)',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'remotejob-unused-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const program = { command: 'true', args: [], environment: {}, directory: undefined, folder }
    const end = executors[name].run(program, { stdout, stderr, signal: AbortSignal.abort(), graceSeconds: 1 })
    expect(await Promise.all([end, text(stdout), text(stderr)])).toEqual([
      { kind: 'killed', signal: 'SIGTERM' },
      '',
      '',
    ])
  },
)
