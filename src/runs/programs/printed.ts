import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../job.ts'
import type { Folder } from './folder.ts'
import { Tee } from './tee.ts'

/** What a program prints. */
export type Printed = Readonly<Record<'stdout' | 'stderr', Tee>>

/** Places for what a job's program will print. */
export function makePrinted(folder: Folder, job: Job<unknown>): Printed {
  const teeOf = (stream: 'stdout' | 'stderr'): Tee => new Tee(join(folder.path, stream), job.createLog(stream))
  return { stdout: teeOf('stdout'), stderr: teeOf('stderr') }
}

/**
 * All that was printed, with notes of ours about files that are not kept at the end of stderr. The file is opened only when it is read:
 * what is tried again hands nothing back.
 */
export async function* textOf(
  printed: Printed,
  stream: 'stdout' | 'stderr',
  skipped: readonly string[] = [],
): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of createReadStream(printed[stream].path)) if (chunk instanceof Uint8Array) yield chunk
  if (stream === 'stderr') yield* skipped.map((note) => `remotejob: the output ${note}; it is not kept\n`)
}
