import { RemoteJobError } from '../errors.ts'
import { UnrecoverableError } from '../job-errors.ts'
import { end as ending, type Job } from '../job.ts'
import type { Workspace } from '../lifecycle/workspace.ts'
import { checkSeconds } from '../options.ts'
import { show } from '../protocol/names.ts'
import { tickOf } from '../protocol/schedule-keys.ts'
import { type JobSource, source, type Worker } from '../worker.ts'
import type { Handed, Offer, WorkerOptions } from '../worker-options.ts'
import { acceptanceOf, type Selection } from './arrays/accept-instance.ts'
import { expireUntil } from './arrays/expire-until.ts'
import { isSendable, sendInstances } from './arrays/fan-out.ts'
import { projectEnvironment, type Site } from './arrays/project-environment.ts'
import { type Engine, runInstance } from './arrays/run-instance.ts'
import { KnownRuns } from './arrays/known-runs.ts'
import { parseFanOutJobId, parseInstanceJobId } from './arrays/run-keys.ts'
import { warnOfUnlimited } from './arrays/warn-unlimited.ts'
import { checkJobName } from './definition/check-definition.ts'
import type { JobDefinition } from './definition/job-definition.ts'
import { parseEventJobId } from './events/event-jobs.ts'
import type { EventRuns } from './events/event-runs.ts'
import type { Jobs } from './stored/jobs.ts'
import { makeTickRun } from './ticks/make-tick-run.ts'

/** The queue that a project's runs go through. */
export type RunsQueue = JobSource<Record<string, unknown>>

/**
 * How a worker of runs works. What `only`, `executors` and `images` leave out goes to other workers, at no cost of a try: it is offered
 * again after a quarter of its age, from 1 second to 5 minutes.
 */
export interface RunsWorkerOptions
  extends
    Omit<WorkerOptions, 'accepts' | 'status' | 'backoff' | 'graceSeconds' | 'timeoutSeconds'>,
    Selection,
    Site,
    Engine {
  /** Seconds, with fractions, between SIGTERM and SIGKILL for a program that has to end: 0 to 3595. @default 10 */
  readonly graceSeconds?: number | undefined
  /** Is told once, where a job without an image asks for processors or memory, that a process is not held to them. @default `process.emitWarning` */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** How instances are tried again: at once-ish, then with a wait that doubles up to a minute. */
const backoff = { baseSeconds: 1, maxSeconds: 60, jitter: 'none' } as const
const defaultGraceSeconds = 10
/** What a handler has beside its program: it has to outlive it. */
const handlerSeconds = 5

/** Where runs come from that nobody submits. */
export interface RunMakers {
  readonly events: EventRuns
  readonly jobs: Pick<Jobs, 'get'>
}

/**
 * Takes instances until it is closed.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function workOnRuns(
  queue: RunsQueue,
  place: () => Promise<Workspace>,
  { events, jobs }: RunMakers,
  {
    only,
    executors,
    images,
    domain,
    apiBaseUrl,
    engine,
    engineOptions,
    once,
    graceSeconds = defaultGraceSeconds,
    onWarning = (message) => process.emitWarning(message),
    ...options
  }: RunsWorkerOptions,
): Worker {
  const selection = { only, executors, images }
  checkSelection(selection)
  checkSeconds('graceSeconds', graceSeconds, 3600 - handlerSeconds)
  if (typeof onWarning !== 'function') throw refused('onWarning', 'a function', onWarning)
  const open = watched(place, options.onEvent)
  const known = new KnownRuns()
  const warn = warnOfUnlimited(onWarning)
  const selected = acceptanceOf(open, selection)
  // A run that waits for others costs a look now and then, and nothing is written for it.
  const isToRest = async ({ id, metadata }: Offer): Promise<boolean> => {
    const fanOut = metadata['waits'] === true ? parseFanOutJobId(id) : undefined
    return fanOut !== undefined && !(await isSendable(await open(), fanOut, {}))
  }
  const handle = async (job: Job, signal: AbortSignal): Promise<Handed> => {
    const w = await open()
    const event = parseEventJobId(job.id)
    if (event) return events.run(job, event, w, { signal })
    const tick = tickOf(job.id)
    if (tick) return makeTickRun(job, tick, { w, jobs, signal })
    const fanOut = parseFanOutJobId(job.id)
    if (fanOut) return sendInstances(w, fanOut, { signal })
    const instance = parseInstanceJobId(job.id)
    if (!instance) throw new UnrecoverableError(`Queue "${w.name}" is for runs, and job "${job.id}" is of none`)
    const project = await projectEnvironment(w, { domain, apiBaseUrl })
    let isBegun = false
    const onBegin = (definition: JobDefinition): void => {
      isBegun = true
      warn(definition)
    }
    const context = { w, known, signal, graceSeconds, project, engine, engineOptions, onBegin }
    return runInstance(job, instance, context).finally(() => {
      // Here and not by the worker itself, for which sending the instances, standing in line, or an instance of a run that was deleted
      // would be the one job.
      if (once && isBegun && job[ending] !== 'released') void worker.close()
    })
  }
  const worker = queue[source].work(events.reading(queue), (job, { signal }) => handle(job, signal), {
    ...options,
    concurrency: once ? 1 : options.concurrency,
    accepts: async (offer) => !(await isToRest(offer)) && (await selected?.(offer)) !== false,
    backoff,
    graceSeconds: graceSeconds + handlerSeconds,
  })
  if (options.reap !== false) void expireUntil(worker.done, open)
  return worker
}

/** What goes wrong beside the handler is told to whoever watches this worker, too; a listener at fault disturbs no run. */
function watched(open: () => Promise<Workspace>, onEvent: WorkerOptions['onEvent']): () => Promise<Workspace> {
  return async () => {
    const w = await open()
    const report = (error: unknown): void => {
      w.report(error)
      process.nextTick(() => onEvent?.({ queue: w.name, name: 'error', error }))
    }
    return { ...w, report }
  }
}

/** An empty list would take nothing for ever. */
function checkSelection({ only, executors, images }: Selection): void {
  for (const name of only ?? []) checkJobName(name)
  const stranger = executors?.find((name) => name !== 'process' && name !== 'container')
  if (stranger !== undefined) throw refused('executors', '`process`, `container` or both', stranger)
  for (const [name, list] of Object.entries({ only, executors, images }))
    if (list?.length === 0) throw refused(name, 'left out, or to name at least one', list)
}

function refused(name: string, expected: string, got: unknown): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be ${expected}, got ${show(got)}`)
}
