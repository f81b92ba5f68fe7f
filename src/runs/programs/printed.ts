import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '../../job.ts'
import type { Folder } from './folder.ts'
import { Tee } from './tee.ts'

/** What a program prints. */
export type Printed = Readonly<Record<'stdout' | 'stderr', Tee>>

/**
 * Places for what a job's program will print.
 * @param keepBytes How much of the end of each is kept at least, and twice as much at most; all where it is left out
 */
export function makePrinted(folder: Folder, job: Job<unknown>, keepBytes?: number): Printed {
  const teeOf = (stream: 'stdout' | 'stderr'): Tee =>
    new Tee(join(folder.path, stream), job.createLog(stream, { keepBytes }), keepBytes)
  return { stdout: teeOf('stdout'), stderr: teeOf('stderr') }
}

/**
 * All that was printed and kept, with notes of ours about files that are not kept at the end of stderr. The file is opened only when it is read:
 * what is tried again hands nothing back.
 */
export async function* textOf(
  printed: Printed,
  stream: 'stdout' | 'stderr',
  skipped: readonly string[] = [],
): AsyncGenerator<string | Uint8Array> {
  for (const path of printed[stream].paths)
    for await (const chunk of createReadStream(path)) if (chunk instanceof Uint8Array) yield chunk
  if (stream === 'stderr') yield* skipped.map((note) => `remotejob: the output ${note}; it is not kept\n`)
}
