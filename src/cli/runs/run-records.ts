import type { RunEvent, RunLogChunk } from '../../runs.ts'
import { noInstance } from '../../runs/arrays/instance-there.ts'
import { instanceName } from '../../runs/arrays/run-keys.ts'
import { exitCodes } from '../exit-codes.ts'
import { interruption } from '../interruption.ts'
import { printItem } from '../output/print.ts'
import { spanText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note, write } from '../terminal.ts'
import { type RunsPlace, withRuns } from './place.ts'

/** A run, or one of its instances. */
export interface Chosen extends RunsPlace {
  readonly jobrun?: string | undefined
  readonly instance?: string | undefined
}

interface Choice {
  readonly run: string
  readonly index?: number
  readonly retry?: number
}

/** What was chosen, for people. */
const nameOf = ({ jobrun, instance }: Chosen): string =>
  instance === undefined ? `all instances of job run '${jobrun}'` : `job run instance '${instance}'`

/** @throws Problem */
function choiceFrom({ jobrun, instance }: Chosen): Choice {
  if ((jobrun === undefined) === (instance === undefined))
    throw new Problem(exitCodes.usage, 'Expected one of --jobrun and --instance: a run, or one of its instances')
  if (jobrun !== undefined) return { run: jobrun }
  const [, run, index, retry] = /^(.+)-(\d{1,7})-(\d{1,9})$/.exec(instance ?? '') ?? []
  if (run !== undefined) return { run, index: Number(index), retry: Number(retry) }
  throw new Problem(
    exitCodes.usage,
    `Expected --instance to be a name such as myrun-1-0, got "${instance}": remotejob jobrun get shows those that there are`,
  )
}

/** What `jobrun logs` is told. */
export interface LogSettings extends Chosen {
  readonly follow?: boolean | undefined
  /** Lines, or -1 for all. */
  readonly tail: number
  readonly timestamps?: boolean | undefined
  readonly raw?: boolean | undefined
}

/** `remotejob jobrun logs`: a block for each instance, headed `<instance>/<container>:`. */
export async function showRunLogs(session: Session, settings: LogSettings): Promise<void> {
  const { run, ...which } = choiceFrom(settings)
  const { follow, tail } = settings
  using interrupted = interruption(session.terminal, { exitCode: exitCodes.ok })
  const { drain: signal } = interrupted
  note(session.terminal, `Getting logs for ${nameOf(settings)}...`)
  const printer = new LogPrinter(session, settings)
  try {
    await withRuns(
      session,
      settings,
      async (runs) => {
        const options = { ...which, follow, tail: tail < 0 ? undefined : tail, signal }
        for await (const chunk of runs.logs(run, options)) await printer.print(chunk)
      },
      'never',
    )
  } catch (error) {
    // Whoever stops to follow has seen enough.
    if (!signal.aborted) throw error
  }
}

class LogPrinter {
  readonly #session: Session
  readonly #settings: LogSettings
  #block = ''
  /** Whether the next byte begins a line. */
  #isFresh = true

  constructor(session: Session, settings: LogSettings) {
    this.#session = session
    this.#settings = settings
  }

  async print(chunk: RunLogChunk): Promise<void> {
    const { terminal, globals } = this.#session
    if (globals.output.kind !== 'table') return printItem(terminal, globals.output, dataOf(chunk))
    if (chunk.bytes.length === 0) return
    if (!this.#settings.raw) await this.#head(`${chunk.instance}/${chunk.container}:`)
    await write(terminal, this.#settings.timestamps ? this.#stamped(chunk) : chunk.bytes)
    this.#isFresh = chunk.bytes.at(-1) === 10
  }

  /** Blocks have a blank line between them. */
  async #head(block: string): Promise<void> {
    if (block === this.#block) return
    const gap = this.#block === '' ? '' : this.#isFresh ? '\n' : '\n\n'
    this.#block = block
    this.#isFresh = true
    await write(this.#session.terminal, `${gap}${block}\n`)
  }

  #stamped({ bytes, at }: RunLogChunk): string {
    const text = Buffer.from(bytes).toString()
    const stamp = `${at.toISOString()} `
    return (this.#isFresh ? stamp : '') + text.replaceAll(/\n(?=[^])/g, `\n${stamp}`)
  }
}

function dataOf({ instance, container, index, attempt, stream, at, bytes }: RunLogChunk) {
  const text = Buffer.from(bytes).toString()
  return { instance, container, index, retry: attempt - 1, stream, at: at.toISOString(), text }
}

/** `remotejob jobrun events` */
export async function showRunEvents(session: Session, chosen: Chosen): Promise<void> {
  const { run, index, retry } = choiceFrom(chosen)
  note(session.terminal, `Getting events for ${nameOf(chosen)}...`)
  const all = await withRuns(session, chosen, (runs) => runs.events(run), 'never')
  const events = index === undefined || retry === undefined ? all : eventsOf(all, { run, index, retry })
  await session.print({
    data: events.map(({ at, kind, instance, index, reason }) => ({
      at: at.toISOString(),
      kind,
      instance: instance ?? null,
      index: index ?? null,
      reason: reason ?? null,
    })),
    table: { columns: ['Type', 'Reason', 'Age', 'Source', 'Message'], rows: events.map(eventRow) },
  })
}

/** @throws RemoteJobError `NOT_FOUND` for an instance that nothing happened to: that it began would be the first */
function eventsOf(all: readonly RunEvent[], { run, index, retry }: Required<Choice>): readonly RunEvent[] {
  const events = all.filter(({ instance }) => instance === instanceName(run, index, retry))
  if (events.length === 0) throw noInstance(run, index, retry)
  return events
}

function eventRow({ kind, at, instance, reason }: RunEvent): readonly (string | undefined)[] {
  const age = spanText((Date.now() - at.getTime()) / 1000)
  return [kind === 'failed' ? 'Warning' : 'Normal', kind, age, instance ?? 'run', reason]
}
