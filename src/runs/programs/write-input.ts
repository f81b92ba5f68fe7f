import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Job } from '../../job.ts'
import type { Paths } from './environment.ts'
import type { Folder } from './folder.ts'

/** Writes a job's input, and its metadata, into files of its folder. */
export async function writeInput(folder: Folder, job: Job<unknown>, signal: AbortSignal): Promise<Paths> {
  const input = join(folder.input, plainName(job.filename))
  const metadata = join(folder.path, 'metadata.json')
  await pipeline(job.createReadStream(), createWriteStream(input), { signal })
  await writeFile(metadata, JSON.stringify(job.metadata ?? {}))
  return { folder: folder.path, input, metadata, output: folder.output }
}

/** The last part of a name that the requester chose, where it can be a file's; programs go by its ending. */
function plainName(filename: string | undefined): string {
  const name = basename(filename?.replaceAll('\\', '/') ?? '')
  const isPlain = /^[^\p{Cc}]+$/u.test(name) && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 200
  return isPlain ? name : 'input'
}
