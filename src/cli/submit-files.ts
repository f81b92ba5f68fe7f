import { constants, createReadStream, type ReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { JobHandle, JobOptions, Queue } from '../index.ts'
import { forEachOf } from '../for-each-of.ts'
import type { JsonObject } from '../protocol/json.ts'
import { exitCodes } from './exit-codes.ts'
import { printable } from './output/printable.ts'
import type { Place } from './place.ts'
import { Problem, problemFrom } from './problem.ts'
import { follow, openProgress, type Progress } from './progress/progress.ts'
import type { Session } from './session.ts'
import { note } from './terminal.ts'

/** What `submit` is told beside the files. */
export interface SubmitOptions extends Place {
  readonly metadata?: JsonObject | undefined
  readonly metadataJson?: JsonObject | undefined
  readonly id?: string | undefined
  readonly filename?: string | undefined
  readonly contentType?: string | undefined
  readonly delay?: number | undefined
  readonly at?: Date | undefined
  readonly expires?: number | undefined
  readonly attempts?: number | undefined
  readonly timeout?: number | undefined
  readonly group?: string | undefined
  readonly concurrency: number
  readonly wait?: boolean | undefined
  readonly save?: string | undefined
  readonly force?: boolean | undefined
  readonly waitTimeout?: number | undefined
}

/** One job to be: a file, standard input, or metadata alone. */
interface Source {
  /** `-` for standard input. */
  readonly file: string | undefined
  /** Bytes, of a regular file. */
  readonly size: number | undefined
}

/** Sends a job for each file, prints the ids, and where that is wanted waits for the results. */
export async function submitFiles(
  session: Session,
  name: string,
  files: readonly string[],
  options: SubmitOptions,
): Promise<void> {
  const sources = await sourcesOf(files, options)
  await session.withQueue(name, options, async (queue) => {
    // Before the first is sent: from the last on, Ctrl-C is to find somebody who knows the ids.
    const waiting = options.wait || options.save !== undefined ? await import('./waiting.ts') : undefined
    const ids = await sendAll(session, queue, sources, options)
    const greeting = `Submitted ${ids.length === 1 ? 'a job' : `${ids.length} jobs`} to ${name}.`
    if (waiting) return waiting.awaitJobs(session, queue, ids, { ...options, timeout: options.waitTimeout, greeting })
    note(session.terminal, greeting)
    return printIds(session, ids, sources)
  })
}

/** Looks at every file before the first is sent. */
async function sourcesOf(files: readonly string[], { id, filename }: SubmitOptions): Promise<readonly Source[]> {
  if (id !== undefined && files.length > 1)
    throw new Problem(exitCodes.usage, 'Expected --id with one job: every job has an id of its own')
  if (files.filter((file) => file === '-').length > 1)
    throw new Problem(exitCodes.usage, 'Expected `-` once: standard input is read by one job')
  if (filename !== undefined && files.length > 1)
    throw new Problem(exitCodes.usage, 'Expected --filename with one file: it would name all of them alike')
  if (files.length === 0) return [{ file: undefined, size: undefined }]
  return forEachOf(files, 20, sourceOf)
}

async function sourceOf(file: string): Promise<Source> {
  if (file === '-') return { file, size: undefined }
  const about = await stat(file)
  if (about.isDirectory())
    throw new Problem(
      exitCodes.usage,
      `"${file}" is a folder: send its files, or pack it first (tar c ${file} | remotejob submit … -)`,
    )
  await access(file, constants.R_OK)
  return { file, size: about.isFile() ? about.size : undefined }
}

/** All ids, in order. When one cannot be sent, those that were are printed, since they are on their way. */
async function sendAll(
  session: Session,
  queue: Queue,
  sources: readonly Source[],
  options: SubmitOptions,
): Promise<readonly string[]> {
  const sent: (JobHandle | undefined)[] = sources.map(() => undefined)
  using progress = await openProgress(session.terminal)
  const bar = sources.length > 1 ? progress.count('files', sources.length) : undefined
  try {
    await forEachOf(sources, options.concurrency, async (source, index) => {
      sent[index] = await send(queue, source, options, progress)
      bar?.at(sent.filter(Boolean).length)
    })
  } catch (error) {
    const ids = sent.flatMap((handle) => handle?.id ?? [])
    if (ids.length === 0) throw error
    await printIds(session, ids, sources)
    const { exitCode, message } = problemFrom(error)
    throw new Problem(
      exitCode,
      `${message} (${ids.length} of ${sources.length} jobs were sent before: their ids are printed)`,
      {
        cause: error,
      },
    )
  }
  return sent.flatMap((handle) => handle?.id ?? [])
}

async function send(
  queue: Queue,
  { file, size }: Source,
  options: SubmitOptions,
  progress: Progress,
): Promise<JobHandle> {
  const given = { ...options.metadataJson, ...options.metadata }
  const { contentType } = options
  const filename = options.filename ?? (file === undefined || file === '-' ? undefined : basename(file))
  const metadata = {
    ...given,
    ...(filename === undefined ? {} : { filename }),
    ...(contentType === undefined ? {} : { contentType }),
  }
  if (file === undefined) return queue.submit(metadata, jobOptions(options))
  const body = file === '-' ? process.stdin : createReadStream(file)
  using _ = follow(progress.bytes(printable(filename ?? 'standard input'), size), () => bytesOf(body))
  return await queue.submit({ ...metadata, body }, jobOptions(options))
}

/** Standard input is a file, a pipe or a terminal, each of which counts its bytes. */
function bytesOf(stream: ReadStream | typeof process.stdin): number {
  return stream.bytesRead
}

function jobOptions({ id, delay, at, expires, attempts, timeout, group }: SubmitOptions): JobOptions {
  return { id, delaySeconds: delay, runAt: at, expiresSeconds: expires, attempts, timeoutSeconds: timeout, group }
}

/** One job is an object and several are an array, with the file that each came from. */
async function printIds(session: Session, ids: readonly string[], sources: readonly Source[]): Promise<void> {
  const data = ids.map((id, index) => ({ id, file: sources[index]?.file ?? null }))
  await session.print({ data: sources.length === 1 ? (data[0] ?? null) : data, table: ids.join('\n') })
}
