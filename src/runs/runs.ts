import { randomBytes } from 'node:crypto'
import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { UnrecoverableError } from '../job-errors.ts'
import type { Job } from '../job.ts'
import type { Workspace } from '../lifecycle/workspace.ts'
import { type JobSource, source, type Worker } from '../worker.ts'
import type { Handler, WorkerOptions } from '../worker-options.ts'
import { deleteRun } from './arrays/delete-run.ts'
import { sendFanOut, sendInstances } from './arrays/fan-out.ts'
import { runNames } from './arrays/list-runs.ts'
import { runInstance } from './arrays/run-instance.ts'
import { parseFanOutJobId, parseInstanceJobId, runKey } from './arrays/run-keys.ts'
import { readRun, type RunRecord } from './arrays/run-record.ts'
import { readState, type RunState } from './arrays/run-state.ts'
import { checkRunName } from './definition/check-definition.ts'
import type { JobDefinition } from './definition/job-definition.ts'
import { definitionOf, type RunRequest } from './run-request.ts'
import { ConfigMaps } from './stored/config-maps.ts'
import { Jobs } from './stored/jobs.ts'
import { checkReferences, type ReferenceOptions } from './stored/references.ts'
import { Secrets } from './stored/secrets.ts'

/** The queue that a project's runs go through. */
export interface RunsQueue extends JobSource<Record<string, unknown>> {
  work(handler: Handler<Record<string, unknown>>, options?: WorkerOptions): Worker
}

/** How instances are tried again: at once-ish, then with a wait that doubles up to a minute. */
const backoff = { baseSeconds: 1, maxSeconds: 60, jitter: 'none' } as const
const graceSeconds = 10

/**
 * Runs over a queue: a program, once for each index of an array, on any number of machines. The queue is theirs alone, and keeps all
 * records.
 */
export class Runs {
  /** Stored definitions to make runs from. */
  readonly jobs: Jobs
  /** Configuration that definitions refer to. */
  readonly configMaps: ConfigMaps
  /** The same for what few may see. */
  readonly secrets: Secrets
  readonly #queue: RunsQueue

  constructor(queue: RunsQueue) {
    this.#queue = queue
    const open = (): Promise<Workspace> => this.#open()
    this.jobs = new Jobs(open, (name, options) => this.#deleteRunsOf(name, options))
    this.configMaps = new ConfigMaps(open)
    this.secrets = new Secrets(open)
  }

  /**
   * Submits a run: one object and one message, however many indexes it has.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a run's name that is taken, `NOT_FOUND` for a stored job, a config map or
   * a secret that there is not, `UNSUPPORTED`
   */
  async submit(request: RunRequest, { force, signal }: ReferenceOptions = {}): Promise<string> {
    const definition = await definitionOf(request, this.jobs, { signal })
    checkSupported(definition)
    const name =
      request.runName ?? `${definition.name.slice(0, 40)}-jobrun-${randomBytes(3).toString('hex').slice(0, 5)}`
    checkRunName(name)
    const w = await this.#open()
    await checkReferences(() => Promise.resolve(w), definition, { force, signal })
    const uid = randomBytes(8).toString('hex')
    const run: RunRecord = { v: 1, name, uid, definition, job: request.job, submittedAt: Date.now() }
    const body = Buffer.from(JSON.stringify(run))
    const written = await w.objects.putIfAbsent(runKey(name), body, { contentType: 'application/json', signal })
    // A lost answer makes the store's own second try find the first.
    if (!written && (await readRun(w, name, { signal }))?.uid !== run.uid)
      throw new RemoteJobError('ID_IN_USE', `There is a run "${name}" already: choose another name, or delete it`)
    await sendFanOut(w, run)
    return name
  }

  /** Where a run is, or `undefined` when there is none of that name. */
  async get(name: string, options: Cancellable = {}): Promise<RunState | undefined> {
    checkRunName(name)
    const w = await this.#open()
    const run = await readRun(w, name, options)
    return run && readState(w, run, options)
  }

  /** Ends a run and forgets it: false when there was none of that name. It is how a daemon is stopped. */
  async delete(name: string): Promise<boolean> {
    checkRunName(name)
    const w = await this.#open()
    const run = await readRun(w, name)
    if (run) await deleteRun(w, run)
    return run !== undefined
  }

  /** Takes instances of every run, several at a time, until the worker is closed. */
  work(options: Omit<WorkerOptions, 'status' | 'backoff' | 'graceSeconds' | 'timeoutSeconds'> = {}): Worker {
    return this.#queue.work((job, { signal }) => this.#handle(job, signal), {
      ...options,
      backoff,
      // The handler has to outlive its program.
      graceSeconds: graceSeconds + 5,
    })
  }

  async #deleteRunsOf(job: string, options: Cancellable): Promise<void> {
    const w = await this.#open()
    for await (const name of runNames(w, options)) {
      const run = await readRun(w, name, options)
      if (run?.job === job) await deleteRun(w, run)
    }
  }

  async #handle(job: Job, signal: AbortSignal): Promise<void> {
    const w = await this.#open()
    const fanOut = parseFanOutJobId(job.id)
    if (fanOut) return sendInstances(w, fanOut, { signal })
    const instance = parseInstanceJobId(job.id)
    if (!instance) throw new UnrecoverableError(`Queue "${w.name}" is for runs, and job "${job.id}" is of none`)
    return runInstance(job, instance, { w, signal, graceSeconds })
  }

  async #open(): Promise<Workspace> {
    const w = await this.#queue[source].open()
    if (w.records === 'all') return w
    throw new RemoteJobError(
      'UNSUPPORTED',
      "Runs need a queue with records: 'all', since their state is in what it keeps",
    )
  }
}

/** Refused rather than ignored. */
function checkSupported({ parallelism, dependsOn }: JobDefinition): void {
  const member = parallelism !== undefined ? '`parallelism`' : '`dependsOn`'
  if (parallelism === undefined && dependsOn.length === 0) return
  throw new RemoteJobError('UNSUPPORTED', `Runs do not know ${member} yet: leave them out`)
}
