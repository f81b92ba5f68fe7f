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
  /** The `position` of a piece: only what comes behind it. @default from the beginning */
  readonly after?: string | undefined
}

/** A piece of a log. */
export interface LogChunk {
  readonly attempt: number
  /** `stdout`, `stderr`, or what a handler called it. */
  readonly stream: string
  /** When it was written. */
  readonly at: Date
  readonly bytes: Uint8Array
  /** Where it is among all that the job wrote, as a text that means nothing else. */
  readonly position: string
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
      if (!piece) continue
      seen.add(`${piece.nonce}/${piece.stream}`)
      if (!bytes) continue
      yield { attempt: piece.attempt, stream: piece.stream, at, bytes, position: key.slice(logsPrefix(id).length) }
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
  { attempt, stream, after, signal }: LogsOptions,
): AsyncGenerator<Found> {
  const prefix = logsPrefix(id)
  for await (const [name, at] of objectsBelow(w, prefix, { after: from, signal })) {
    const key = prefix + name
    const piece = parseLogKey(id, key)
    const isBehind = after === undefined || name > after
    const fits = piece && (attempt ?? piece.attempt) === piece.attempt && (stream ?? piece.stream) === piece.stream
    const wanted = fits && isBehind
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
  { attempt, stream, after, signal }: LogsOptions,
  seen: ReadonlySet<string>,
): AsyncGenerator<LogChunk> {
  if (attempt !== undefined && attempt !== record.attempt) return
  // A try to write the result has a mark that begins with the delivery's.
  const nonce = record.nonce.split('-', 1)[0]
  const { assets, finishedAt } = describeEnd(w, record)
  for (const name of assetLogs.filter((one) => (stream ?? one) === one && !seen.has(`${nonce}/${one}`))) {
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
    let offset = readOf(name, after)
    for await (const bytes of asset?.createReadStream({ start: offset, signal }) ?? []) {
      if (!(bytes instanceof Uint8Array)) continue
      offset += bytes.byteLength
      yield { attempt: record.attempt, stream: name, at: finishedAt, bytes, position: `~${name}/${offset}` }
    }
  }
}

/** How many bytes of an asset were read before: its positions come behind those of all pieces. */
function readOf(name: string, after: string | undefined): number {
  const [, read, offset] = /^~([a-z]+)\/(\d{1,15})$/.exec(after ?? '') ?? []
  if (read === undefined || assetLogs.indexOf(read) < assetLogs.indexOf(name)) return 0
  return read === name ? Number(offset) : Number.MAX_SAFE_INTEGER
}

async function checkKnown(w: Workspace, id: string, options: Cancellable): Promise<void> {
  if (w.records !== 'all' || (await w.objects.head(inputKey(id), options))) return
  throw new RemoteJobError('JOB_NOT_FOUND', `There is no job "${id}" in queue "${w.name}"`)
}

function checkOptions({ attempt, stream, after }: LogsOptions): void {
  if (after !== undefined && (typeof after !== 'string' || after.length > 300))
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `after` to be the `position` of a piece of the log')
  checkInteger('attempt', attempt, 1, 1_000_000)
  if (stream !== undefined) checkStreamName(stream)
}
