import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Queue, WorkerEvent, WorkerOptions } from '../../../src/index.ts'
import type { JobResult } from '../../../src/lifecycle/job-result.ts'
import { programHandler, type ProgramOptions } from '../../../src/runs/programs/program-handler.ts'

/** A shell script as a program; only tests need one. */
export const script = (text: string): ProgramOptions => ({ command: 'sh', args: ['-c', text] })
/** A Node script as a program. */
export const node = (text: string): ProgramOptions => ({ command: process.execPath, args: ['-e', text] })

/** A worker that runs a program, until the end of the test. */
export function running(queue: Queue, program: ProgramOptions, options: WorkerOptions = {}) {
  const events: WorkerEvent[] = []
  const told = { backoff: () => 0, graceSeconds: 15, onEvent: (event: WorkerEvent) => void events.push(event) }
  const worker = queue.work(programHandler(program), { ...told, ...options })
  return {
    events,
    names: () => events.map(({ name }) => name),
    worker,
    [Symbol.asyncDispose]: () => worker.close({ timeoutSeconds: 0 }),
  }
}

/** The texts of a result's files. */
export async function textsOf({ assets }: JobResult): Promise<Record<string, string>> {
  const texts = await Promise.all(
    Object.entries(assets).map(async ([name, asset]) => [name, await asset.text()] as const),
  )
  return Object.fromEntries(texts)
}

/** The private folders of runs of one process. */
export async function foldersOf(pid: number): Promise<string[]> {
  const names = await readdir(tmpdir())
  return names.filter((name) => new RegExp(`^remotejob-[0-9a-f]{8}-${pid}-`).test(name))
}
