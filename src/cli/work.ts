import type { Handler, Worker, WorkerEvent } from '../index.ts'
import type { Executor } from '../runs/executors/executor.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { printItem } from './output/print.ts'
import { printable } from './output/printable.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'
import type { Session } from './session.ts'
import { checkTemporaryFolder } from './temporary-folder.ts'
import { paint, type Terminal } from './terminal.ts'

/** What `work` is told beside the program. */
export interface WorkSettings extends Place {
  readonly concurrency: number
  readonly once?: boolean | undefined
  readonly drain?: boolean | undefined
  readonly timeout?: number | undefined
  readonly attempts?: number | undefined
  readonly lease?: number | undefined
  readonly grace: number
  readonly drainTimeout: number
  readonly image?: string | undefined
  readonly engine: string
  readonly engineOption?: readonly string[] | undefined
  readonly cpus?: number | undefined
  readonly memory?: number | undefined
  readonly status: string
  readonly scheduler: boolean
  readonly zip?: boolean | undefined
  readonly maxEntries?: number | undefined
  readonly maxUnpacked?: number | undefined
  readonly maxRatio?: number | undefined
}

/** Runs a program for each job until it is told to stop, or with `--once` and `--drain` by itself. */
export async function workOn(
  session: Session,
  name: string | undefined,
  words: readonly string[],
  settings: WorkSettings,
): Promise<void> {
  if (name === undefined)
    throw new Problem(
      exitCodes.usage,
      'Expected a queue and a program, or --runs: remotejob work QUEUE -- command args…',
    )
  const { grace, concurrency, once, drain, attempts, lease, status, scheduler } = settings
  const { handler, timeoutSeconds } = await (settings.zip ? zipsOf(words, settings) : programOf(name, words, settings))
  await checkTemporaryFolder()
  await session.withQueue(name, settings, async (queue) => {
    using interrupted = interruption(session.terminal, {
      advice: 'Finishing what is in hand; once more (Ctrl-C) gives it back to the queue.',
      drains: true,
    })
    const worker = queue.work(handler, {
      status,
      concurrency,
      once,
      drain,
      attempts,
      scheduler,
      reap: scheduler,
      timeoutSeconds,
      leaseSeconds: lease,
      // The handler has to outlive its program.
      graceSeconds: grace + 5,
      onEvent: (event) => tell(session, event),
    })
    await closing(worker, interrupted, settings.drainTimeout)
  })
}

/** What does a job, and the time that its worker gives it for that. */
interface Doer {
  readonly handler: Handler<Record<string, unknown>>
  readonly timeoutSeconds?: number | undefined
}

async function programOf(
  name: string,
  [command = '', ...args]: readonly string[],
  settings: WorkSettings,
): Promise<Doer> {
  const { image, grace, timeout } = settings
  if (command === '' && image === undefined)
    throw new Problem(exitCodes.usage, `Expected a program behind "--": remotejob work ${name} -- command args…`)
  const { programHandler } = await import('../runs/programs/program-handler.ts')
  const executor = await executorFrom(settings)
  return { handler: programHandler({ command, args, executor, graceSeconds: grace }), timeoutSeconds: timeout }
}

async function zipsOf(words: readonly string[], settings: WorkSettings): Promise<Doer> {
  if (words.length > 0)
    throw new Problem(exitCodes.usage, `Expected no program beside --zip, which runs the run.sh of each zip`)
  const { maxEntries, maxUnpacked, maxRatio, timeout, grace } = settings
  const { zipHandler } = await import('../runs/zips/zip-handler.ts')
  const executor = await executorFrom(settings)
  const limits = { maxEntries, maxUnpackedBytes: maxUnpacked, maxRatio, timeoutSeconds: timeout }
  return { handler: zipHandler({ ...limits, executor, graceSeconds: grace }) }
}

/** Containers, where an image is named; otherwise processes of this machine. */
async function executorFrom(settings: WorkSettings): Promise<Executor | undefined> {
  const { image, engine, engineOption, cpus, memory } = settings
  if (image === undefined) return undefined
  const { containerExecutor } = await import('../runs/executors/container.ts')
  return containerExecutor({ image, engine, engineOptions: engineOption, cpus, memoryBytes: memory })
}

/** The first signal lets jobs finish, the second gives them back. */
export async function closing(
  worker: Worker,
  { drain, stop }: { readonly drain: AbortSignal; readonly stop: AbortSignal },
  timeoutSeconds: number,
): Promise<void> {
  drain.addEventListener('abort', () => void worker.close({ timeoutSeconds }), { once: true })
  stop.addEventListener('abort', () => void worker.close({ timeoutSeconds: 0 }), { once: true })
  await worker.done
}

/** Each job that comes or goes: a line for people on standard error, and with another `--output` than a table for machines on standard output. */
export function tell({ terminal, globals }: Session, event: WorkerEvent): void {
  void printItem(terminal, globals.output, dataOf(event))
  if (!terminal.isQuiet || event.error !== undefined) tellPeople(terminal, event)
}

const colours: Partial<Record<WorkerEvent['name'], 'green' | 'red' | 'yellow'>> = {
  completed: 'green',
  failed: 'red',
  error: 'red',
  retrying: 'yellow',
}

function tellPeople(terminal: Terminal, event: WorkerEvent): void {
  const { name, jobId, attempt, seconds, delaySeconds, error } = event
  if (name === 'received' || name === 'heartbeat') return
  const colour = colours[name] ?? 'dim'
  const words = [
    paint(colour, name, terminal.err),
    ...(jobId === undefined ? [] : [printable(jobId)]),
    ...(attempt === undefined || attempt === 1 ? [] : [`attempt ${attempt}`]),
    ...(seconds === undefined ? [] : [`${seconds.toFixed(1)} s`]),
    ...(delaySeconds === undefined ? [] : [`again in ${delaySeconds} s`]),
    ...(error instanceof Error ? [printable(error.message)] : []),
  ]
  terminal.err.write(`${words.join('  ')}\n`)
}

function dataOf({ name, jobId, attempt, seconds, delaySeconds, error }: WorkerEvent) {
  return {
    event: name,
    id: jobId ?? null,
    attempt: attempt ?? null,
    seconds: seconds ?? null,
    delaySeconds: delaySeconds ?? null,
    error: error instanceof Error ? error.message : null,
    at: new Date().toISOString(),
  }
}
