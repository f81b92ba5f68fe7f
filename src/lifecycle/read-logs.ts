import type { Cancellable, ListPage } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkInteger } from '../options.ts'
import { pause } from '../pause.ts'
import { inputKey, logsPrefix } from '../protocol/keys.ts'
import { checkStreamName, parseLogKey } from '../protocol/logs.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { readBytes } from './download.ts'
import { describeEnd } from './job-result.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/** Which logs to read. */
export interface LogsOptions extends Cancellable {
  /** Goes on with what is written later, until the job has ended. @default false */
  readonly follow?: boolean | undefined
  /** Only those of one attempt, from 1. @default all */
  readonly attempt?: number | undefined
  /** Only one log, such as `stderr`. @default all */
  readonly stream?: string | undefined
}

/** A piece of a log. */
export interface LogChunk {
  readonly attempt: number
  /** `stdout`, `stderr`, or what a handler called it. */
  readonly stream: string
  /** When it was written. */
  readonly at: Date
  readonly bytes: Uint8Array
}

/** Seconds between two looks for more. */
const lookSeconds = 1
/** Logs that a short job hands back as assets instead of writing pieces. */
const assetLogs = ['stdout', 'stderr']

/**
 * A job's logs, in the order in which they were written.
 * @throws RemoteJobError `JOB_NOT_FOUND`, `INVALID_ARGUMENT`
 */
export async function* readLogs(w: Workspace, id: string, options: LogsOptions): AsyncGenerator<LogChunk> {
  checkOptions(options)
  const { follow = false, signal } = options
  let after: string | undefined
  let found = false
  for (;;) {
    // Read before the logs: what is written before the end is there when the end is.
    const record = await readRecord(w, id, { signal })
    for await (const { key, chunk } of piecesAfter(w, id, after, options)) {
      after = key
      found = true
      if (chunk) yield chunk
    }
    if (!found && record) yield* fromAssets(w, record, options)
    else if (!found) await checkKnown(w, id, { signal })
    if (record || !follow) break
    await pause(lookSeconds, signal)
    signal?.throwIfAborted()
  }
}

async function* piecesAfter(
  w: Workspace,
  id: string,
  from: string | undefined,
  { attempt, stream, signal }: LogsOptions,
): AsyncGenerator<{ key: string; chunk: LogChunk | undefined }> {
  for (let after = from, more = true; more;) {
    const page: ListPage = await w.objects.list(logsPrefix(id), { after, signal })
    for (const { key, lastModified } of page.objects) {
      const piece = parseLogKey(id, key)
      const wanted = piece && (attempt ?? piece.attempt) === piece.attempt && (stream ?? piece.stream) === piece.stream
      const bytes = wanted ? await readBytes(w.objects, key, { signal }) : undefined
      yield { key, chunk: piece && bytes && { attempt: piece.attempt, stream: piece.stream, at: lastModified, bytes } }
      after = key
    }
    more = page.more && page.objects.length > 0
  }
}

async function* fromAssets(
  w: Workspace,
  record: ResultRecord,
  { attempt, stream, signal }: LogsOptions,
): AsyncGenerator<LogChunk> {
  if (attempt !== undefined && attempt !== record.attempt) return
  const { assets, finishedAt } = describeEnd(w, record)
  for (const name of assetLogs.filter((one) => (stream ?? one) === one && Object.hasOwn(assets, one))) {
    for await (const bytes of assets[name]?.createReadStream({ signal }) ?? [])
      if (bytes instanceof Uint8Array) yield { attempt: record.attempt, stream: name, at: finishedAt, bytes }
  }
}

async function checkKnown(w: Workspace, id: string, options: Cancellable): Promise<void> {
  if (w.records !== 'all' || (await w.objects.head(inputKey(id), options))) return
  throw new RemoteJobError('JOB_NOT_FOUND', `There is no job "${id}" in queue "${w.name}"`)
}

function checkOptions({ attempt, stream }: LogsOptions): void {
  checkInteger('attempt', attempt, 1, 1_000_000)
  if (stream !== undefined) checkStreamName(stream)
}
