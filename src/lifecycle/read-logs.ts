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
import type { StoredObject } from './stored-object.ts'
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
  /** Bytes of the end of what is there, from 0; what is written later is read whole. @default all */
  readonly tailBytes?: number | undefined
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
  let skip: Skip | undefined
  const seen = new Set<string>()
  for (;;) {
    // Read before the logs: what is written before the end is there when the end is.
    const record = await readRecord(w, id, { signal })
    skip ??= { bytes: await bytesBefore(w, id, record, options) }
    for await (const { key, piece, bytes, at } of piecesAfter(w, id, after, { ...options, skip })) {
      after = key
      isKnown = true
      if (!piece) continue
      seen.add(`${piece.nonce}/${piece.stream}`)
      if (!bytes) continue
      yield { attempt: piece.attempt, stream: piece.stream, at, bytes, position: key.slice(logsPrefix(id).length) }
    }
    if (record) yield* fromAssets(w, record, { ...options, skip }, seen)
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

/** Bytes at the front that are not wanted, which grow fewer as they are passed over. */
interface Skip {
  bytes: number
}

interface Wanted extends LogsOptions {
  readonly skip?: Skip
}

async function* piecesAfter(
  w: Workspace,
  id: string,
  from: string | undefined,
  { skip, signal, ...which }: Wanted,
): AsyncGenerator<Found> {
  const prefix = logsPrefix(id)
  for await (const [name, at, size] of objectsBelow(w, prefix, { after: from, signal })) {
    const key = prefix + name
    const piece = parseLogKey(id, key)
    const start = isWanted(name, piece, which) ? passOver(skip, size) : undefined
    const bytes = start === undefined ? undefined : await readBytes(w.objects, key, { signal })
    yield { key, piece, bytes: start ? bytes?.subarray(start) : bytes, at }
  }
}

function isWanted(name: string, piece: LogPiece | undefined, { attempt, stream, after }: LogsOptions): boolean {
  const isBehind = after === undefined || name > after
  return (
    isBehind &&
    piece !== undefined &&
    (attempt ?? piece.attempt) === piece.attempt &&
    (stream ?? piece.stream) === piece.stream
  )
}

/** Where to begin in the next bytes, or `undefined` when none of them are wanted. */
function passOver(skip: Skip | undefined, size: number): number | undefined {
  const start = Math.min(skip?.bytes ?? 0, size)
  if (skip) skip.bytes -= start
  return start > 0 && start === size ? undefined : start
}

/** How many bytes come before the last ones: a listing, and nothing where all are wanted. */
async function bytesBefore(
  w: Workspace,
  id: string,
  record: ResultRecord | undefined,
  { tailBytes, signal, ...which }: LogsOptions,
): Promise<number> {
  if (tailBytes === undefined) return 0
  const prefix = logsPrefix(id)
  const seen = new Set<string>()
  let total = 0
  for await (const [name, , size] of objectsBelow(w, prefix, { signal })) {
    const piece = parseLogKey(id, prefix + name)
    if (piece) seen.add(`${piece.nonce}/${piece.stream}`)
    if (isWanted(name, piece, which)) total += size
  }
  const assets = record ? logAssets(w, record, which, seen) : []
  return Math.max(0, assets.reduce((sum, { asset, from }) => sum + asset.size - from, total) - tailBytes)
}

/**
 * What the last attempt wrote no piece of, since it was handed back so soon.
 * @param seen `<nonce>/<stream>` of what it wrote pieces of
 */
export async function* fromAssets(
  w: Workspace,
  record: ResultRecord,
  { skip, signal, ...which }: Wanted,
  seen: ReadonlySet<string>,
): AsyncGenerator<LogChunk> {
  const { attempt, finishedAt } = record
  for (const { name, asset, from } of logAssets(w, record, which, seen)) {
    const start = passOver(skip, asset.size - from)
    if (start === undefined) continue
    let offset = from + start
    for await (const bytes of asset.createReadStream({ start: offset, signal })) {
      if (!(bytes instanceof Uint8Array)) continue
      offset += bytes.byteLength
      yield { attempt, stream: name, at: new Date(finishedAt), bytes, position: `~${name}/${offset}` }
    }
  }
}

/** A log that was handed back, from its first byte that is wanted. */
interface LogAsset {
  readonly name: string
  readonly asset: StoredObject
  readonly from: number
}

function logAssets(
  w: Workspace,
  record: ResultRecord,
  { attempt, stream, after }: LogsOptions,
  seen: ReadonlySet<string>,
): LogAsset[] {
  if (attempt !== undefined && attempt !== record.attempt) return []
  const { assets } = describeEnd(w, record)
  // A try to write the result has a mark that begins with the delivery's.
  const nonce = record.nonce.split('-', 1)[0]
  return assetLogs.flatMap((name) => {
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
    if (!asset || (stream ?? name) !== name || seen.has(`${nonce}/${name}`)) return []
    return [{ name, asset, from: Math.min(asset.size, readOf(name, after)) }]
  })
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

function checkOptions({ attempt, stream, after, tailBytes }: LogsOptions): void {
  checkInteger('tailBytes', tailBytes, 0, Number.MAX_SAFE_INTEGER)
  if (after !== undefined && (typeof after !== 'string' || after.length > 300))
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `after` to be the `position` of a piece of the log')
  checkInteger('attempt', attempt, 1, 1_000_000)
  if (stream !== undefined) checkStreamName(stream)
}
