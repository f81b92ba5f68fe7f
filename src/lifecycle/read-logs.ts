import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { checkInteger } from '../options.ts'
import { pause } from '../pause.ts'
import { inputKey, logsPrefix } from '../protocol/keys.ts'
import { checkStreamName, type LogPiece, parseLogKey } from '../protocol/logs.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { readBytes } from './download.ts'
import { describeEnd } from './job-result.ts'
import { objectsBelow } from './objects-below.ts'
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
  let isKnown = false
  const seen = new Set<string>()
  for (;;) {
    // Read before the logs: what is written before the end is there when the end is.
    const record = await readRecord(w, id, { signal })
    for await (const { key, piece, bytes, at } of piecesAfter(w, id, after, options)) {
      after = key
      isKnown = true
      if (!piece || !bytes) continue
      seen.add(`${piece.nonce}/${piece.stream}`)
      yield { attempt: piece.attempt, stream: piece.stream, at, bytes }
    }
    if (record) yield* fromAssets(w, record, options, seen)
    else if (!isKnown) await checkKnown(w, id, { signal })
    isKnown = true
    if (record || !follow) break
    await pause(lookSeconds, signal)
    signal?.throwIfAborted()
  }
}

interface Found {
  readonly key: string
  readonly piece: LogPiece | undefined
  /** Of a piece that is wanted. */
  readonly bytes: Uint8Array | undefined
  readonly at: Date
}

async function* piecesAfter(
  w: Workspace,
  id: string,
  from: string | undefined,
  { attempt, stream, signal }: LogsOptions,
): AsyncGenerator<Found> {
  const prefix = logsPrefix(id)
  for await (const [name, at] of objectsBelow(w, prefix, { after: from, signal })) {
    const key = prefix + name
    const piece = parseLogKey(id, key)
    const wanted = piece && (attempt ?? piece.attempt) === piece.attempt && (stream ?? piece.stream) === piece.stream
    yield { key, piece, bytes: wanted ? await readBytes(w.objects, key, { signal }) : undefined, at }
  }
}

/**
 * What the last attempt wrote no piece of, since it was handed back so soon.
 * @param seen `<nonce>/<stream>` of what it wrote pieces of
 */
export async function* fromAssets(
  w: Workspace,
  record: ResultRecord,
  { attempt, stream, signal }: LogsOptions,
  seen: ReadonlySet<string>,
): AsyncGenerator<LogChunk> {
  if (attempt !== undefined && attempt !== record.attempt) return
  // A try to write the result has a mark that begins with the delivery's.
  const nonce = record.nonce.split('-', 1)[0]
  const { assets, finishedAt } = describeEnd(w, record)
  for (const name of assetLogs.filter((one) => (stream ?? one) === one && !seen.has(`${nonce}/${one}`))) {
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
    for await (const bytes of asset?.createReadStream({ signal }) ?? [])
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
