import type { Cancellable } from '../../backend.ts'
import { readBytes } from '../../lifecycle/download.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { fromAssets, type LogChunk } from '../../lifecycle/read-logs.ts'
import { readRecord } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { checkInteger } from '../../options.ts'
import { pause } from '../../pause.ts'
import { type LogPiece, parseLogKey } from '../../protocol/logs.ts'
import type { ResultRecord } from '../../protocol/record.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import { refusal } from '../definition/refuse.ts'
import { expectInstance, noInstance } from './instance-there.ts'
import { countBreaks, lastLines } from './last-lines.ts'
import { instanceJobId, instanceName, instancePrefix, parseInstanceJobId } from './run-keys.ts'
import { readNotes } from './run-notes.ts'
import { deadlineOf, readRun, type RunRecord } from './run-record.ts'
import { readSeenState } from './run-state.ts'

/** Which logs of a run to read. */
export interface RunLogsOptions extends Cancellable {
  /** Only those of one index. @default all */
  readonly index?: number | undefined
  /** Only those of one try, from 0; with {@link index} that is one instance. @default all */
  readonly retry?: number | undefined
  /** Goes on with what is written later, until all that is read has ended. @default false */
  readonly follow?: boolean | undefined
  /** Lines of the end of each instance, from 0; what is written later is read whole. @default all */
  readonly tail?: number | undefined
}

/** A piece of what an instance wrote. */
export interface RunLogChunk extends LogChunk {
  /** `<run>-<index>-<retry>`. */
  readonly instance: string
  /** What its program is the container of: the job's name. */
  readonly container: string
  readonly index: number
}

/** A piece that is there to be read. */
interface Piece extends LogPiece {
  readonly key: string
  readonly at: Date
}

/** One index in one round. */
interface Round {
  readonly index: number
  readonly pieces: readonly Piece[]
  /** Of one that has ended since the round before. */
  readonly record: ResultRecord | undefined
}

/**
 * What the instances of a run wrote: one instance after the other, and with `follow` so in every look, about once a second.
 * @throws RemoteJobError `RESULT_EXPIRED`, `INVALID_ARGUMENT`, `NOT_FOUND` for one instance that there is not, with `follow` once it cannot come any more
 */
export async function* readRunLogs(
  w: Workspace,
  run: RunRecord,
  options: RunLogsOptions,
): AsyncGenerator<RunLogChunk, void, undefined> {
  const indexes = checked(run, options)
  const { follow = false, signal } = options
  await readSeenState(w, run, { signal })
  const reader = new Reader(w, run, options)
  let isSilent = true
  for (let tail = options.tail; ; tail = undefined) {
    const isOver = follow && (await isTryOver(w, run, options))
    for await (const chunk of reader.round(tail)) {
      isSilent = false
      yield chunk
    }
    if (!follow || isOver || reader.ended >= indexes || isForgotten(run)) {
      if (isSilent) await expectInstance(w, run, options)
      return
    }
    if ((await readRun(w, run.name))?.uid !== run.uid) return
    // A look costs a request for a thousand pieces.
    await pause(Math.max(1, reader.pieces / 1000), signal)
    signal?.throwIfAborted()
  }
}

/** Whether one try has ended, when only that is read; its index may go on. */
async function isTryOver(w: Workspace, run: RunRecord, { index, retry, signal }: RunLogsOptions): Promise<boolean> {
  if (index === undefined || retry === undefined) return false
  const { notes } = await readNotes(w, run, { signal })
  return notes.some(
    (note) =>
      note.index === index && (note.attempt > retry + 1 || (note.attempt === retry + 1 && note.state !== 'started')),
  )
}

/** What was never begun has no end of its own. */
function isForgotten(run: RunRecord): boolean {
  return Date.now() > deadlineOf(run) + 60_000
}

/** How many indexes are read. */
function checked({ name, definition }: RunRecord, { index, retry, tail }: RunLogsOptions): number {
  checkInteger('retry', retry, 0, 1_000_000_000)
  checkInteger('tail', tail, 0, 1_000_000_000)
  const indexes = parseIndexes(definition.arrayIndexes)
  if (index === undefined) return indexes.length
  if (indexes.includes(index)) return 1
  if (retry !== undefined) throw noInstance(name, index, retry)
  throw refusal('index', `one of the run's, ${definition.arrayIndexes}`, index)
}

class Reader {
  readonly #w: Workspace
  readonly #run: RunRecord
  readonly #options: RunLogsOptions
  readonly #seen = new Map<string, Piece>()
  readonly #ended = new Set<number>()

  constructor(w: Workspace, run: RunRecord, options: RunLogsOptions) {
    this.#w = w
    this.#run = run
    this.#options = options
  }

  get ended(): number {
    return this.#ended.size
  }

  get pieces(): number {
    return this.#seen.size
  }

  /** What came since the last round. */
  async *round(tail: number | undefined): AsyncGenerator<RunLogChunk> {
    // Before the logs: what is written before the end is there when the end is.
    const ends = await this.#newEnds()
    const pieces = Map.groupBy(await this.#newPieces(), (piece) => piece.index)
    const indexes = [...new Set([...ends, ...pieces.keys()])].toSorted((a, b) => a - b)
    for (const index of indexes) {
      const id = instanceJobId({ ...this.#run, index })
      const record = ends.has(index) ? await readRecord(this.#w, id, this.#options) : undefined
      yield* this.#instances({ index, pieces: (pieces.get(index) ?? []).map(({ piece }) => piece), record }, tail)
    }
  }

  /** `logs/` and `results/` have the ids of jobs behind them. */
  async *#below(folder: string, end: string): AsyncGenerator<readonly [index: number, key: string, at: Date]> {
    const { index } = this.#options
    const ids = index === undefined ? instancePrefix(this.#run) : instanceJobId({ ...this.#run, index }) + end
    for await (const [rest, at] of objectsBelow(this.#w, folder + ids, this.#options)) {
      const key = folder + ids + rest
      const id = key.slice(folder.length).replace(/(\.json$|\/.*)/, '')
      const instance = parseInstanceJobId(id)
      if (instance) yield [instance.index, key, at]
    }
  }

  async #newEnds(): Promise<ReadonlySet<number>> {
    const found = await Array.fromAsync(this.#below('results/', '.json'), ([index]) => index)
    const fresh = new Set(found.filter((index) => !this.#ended.has(index)))
    for (const index of fresh) this.#ended.add(index)
    return fresh
  }

  async #newPieces(): Promise<readonly { readonly index: number; readonly piece: Piece }[]> {
    const fresh = []
    for await (const [index, key, at] of this.#below('logs/', '/')) {
      const parsed = parseLogKey(instanceJobId({ ...this.#run, index }), key)
      if (!parsed || this.#seen.has(key)) continue
      const piece = { ...parsed, key, at }
      this.#seen.set(key, piece)
      fresh.push({ index, piece })
    }
    return fresh
  }

  /** Its tries, one after the other. */
  async *#instances({ index, pieces, record }: Round, tail: number | undefined): AsyncGenerator<RunLogChunk> {
    const { retry } = this.#options
    const byAttempt = Map.groupBy(pieces, ({ attempt }) => attempt)
    const attempts = new Set([...byAttempt.keys(), ...(record ? [record.attempt] : [])])
    for (const attempt of [...attempts].toSorted((a, b) => a - b)) {
      if (retry !== undefined && retry !== attempt - 1) continue
      const instance = instanceName(this.#run.name, index, attempt - 1)
      const about = { instance, container: this.#run.definition.name, index }
      const sources = (byAttempt.get(attempt) ?? []).map((piece) => () => this.#read(piece))
      if (record?.attempt === attempt) sources.push(() => this.#handedBack(index, record))
      for await (const chunk of tail === undefined ? all(sources) : lastOf(sources, tail)) yield { ...chunk, ...about }
    }
  }

  async *#read({ key, attempt, stream, at }: Piece): AsyncGenerator<LogChunk> {
    const bytes = await readBytes(this.#w.objects, key, this.#options)
    if (bytes) yield { attempt, stream, at, bytes, position: key }
  }

  #handedBack(index: number, record: ResultRecord): AsyncGenerator<LogChunk> {
    const prefix = `logs/${instanceJobId({ ...this.#run, index })}/`
    const ours = [...this.#seen.values()].filter(({ key }) => key.startsWith(prefix))
    const seen = new Set(ours.map(({ nonce, stream }) => `${nonce}/${stream}`))
    return fromAssets(this.#w, record, { signal: this.#options.signal }, seen)
  }
}

type Source = () => AsyncGenerator<LogChunk>

async function* all(sources: readonly Source[]): AsyncGenerator<LogChunk> {
  for (const source of sources) yield* source()
}

/** From the last on, until there is enough: what is before that is not read. */
async function* lastOf(sources: readonly Source[], count: number): AsyncGenerator<LogChunk> {
  const kept: LogChunk[] = []
  for (const source of sources.toReversed()) {
    if (countBreaks(kept) > count) break
    kept.unshift(...(await Array.fromAsync(source())))
  }
  yield* lastLines(kept, count)
}
