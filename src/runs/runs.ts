import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Workspace } from '../lifecycle/workspace.ts'
import { source, type Worker } from '../worker.ts'
import { deleteRun } from './arrays/delete-run.ts'
import { expireRuns } from './arrays/expire-runs.ts'
import { runNames } from './arrays/list-runs.ts'
import { type PageOfRuns, type PageOfRunsOptions, readPage } from './arrays/page-of-runs.ts'
import { type ListRunsOptions, readRuns, type RunSummary } from './arrays/read-runs.ts'
import { redefine, type Resubmission } from './arrays/resubmit-run.ts'
import { restartRun } from './arrays/restart-run.ts'
import { readEvents, type RunEvent } from './arrays/run-events.ts'
import { readRunLogs, type RunLogChunk, type RunLogsOptions } from './arrays/run-logs.ts'
import { type OutlineOptions, type RunOutline, runOutlines } from './arrays/run-outlines.ts'
import { expectRun, readRun, type RunRecord } from './arrays/run-record.ts'
import { readSeenState, type RunState } from './arrays/run-state.ts'
import { submitRun } from './arrays/submit-run.ts'
import { type RunWaitOptions, waitForRun } from './arrays/wait-for-run.ts'
import { checkRunName } from './definition/check-definition.ts'
import { checkObject } from './definition/check-members.ts'
import { EventRuns } from './events/event-runs.ts'
import { Subscriptions } from './events/subscriptions.ts'
import { definitionOf, type RunRequest } from './run-request.ts'
import { type RunsQueue, type RunsWorkerOptions, workOnRuns } from './runs-worker.ts'
import { ConfigMaps } from './stored/config-maps.ts'
import { Jobs } from './stored/jobs.ts'
import type { ReferenceOptions } from './stored/references.ts'
import { Secrets } from './stored/secrets.ts'
import { type AtEachTick, atEachTick, type TickEvent } from './ticks/at-each-tick.ts'

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
  /** Runs for objects that are written to and deleted from buckets. */
  readonly subscriptions: Subscriptions
  readonly #queue: RunsQueue

  constructor(queue: RunsQueue) {
    this.#queue = queue
    const open = (): Promise<Workspace> => this.#open()
    this.jobs = new Jobs(open, (name, options) => this.#deleteRunsOf(name, options))
    this.configMaps = new ConfigMaps(open)
    this.secrets = new Secrets(open)
    this.subscriptions = new Subscriptions(open, this.jobs)
  }

  /**
   * Submits a run: two small objects and one message, however many indexes it has.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a run's name that is taken, `NOT_FOUND` for a stored job, a config map or
   * a secret that there is not, `UNSUPPORTED`
   */
  async submit(request: RunRequest, options: ReferenceOptions = {}): Promise<string> {
    const definition = await definitionOf(request, this.jobs, { signal: options.signal })
    return submitRun(await this.#open(), { ...request, definition }, options)
  }

  /**
   * Submits a run once more, or what failed of it, with what is said instead. Resolves the new run's name.
   * @throws RemoteJobError `NOT_FOUND`, `RESULT_EXPIRED` where what failed is not known any more, and what `submit` throws
   */
  async resubmit(name: string, instead: Resubmission = {}, options: ReferenceOptions = {}): Promise<string> {
    checkObject('instead', instead)
    const { w, run } = await this.#expect(name, options)
    const definition = await redefine(w, run, instead, options)
    return submitRun(w, { definition, job: run.job, runName: instead.runName }, options)
  }

  /**
   * What a schedule (`remotejob/cron`) over the same queue has to have so that each of its ticks makes a run. A stored job is run as it
   * is at the tick. Programs have the event of a periodic timer, as IBM Code Engine's.
   * @example await schedules.create({ name: 'nightly', cron: '0 3 * * *', ...(await runs.atEachTick({ job: 'render' })) })
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND` for a stored job, a config map or a secret that there is not
   */
  async atEachTick(request: RunRequest, event: TickEvent = {}, options: ReferenceOptions = {}): Promise<AtEachTick> {
    return atEachTick({ open: () => this.#open(), jobs: this.jobs }, request, event, options)
  }

  /** All runs that can be seen, with the counts of their indexes. */
  async list(options: ListRunsOptions = {}): Promise<readonly RunSummary[]> {
    return readRuns(await this.#open(), options)
  }

  /**
   * The runs that can be seen, by name, with no more than one listing tells of them: a request for some hundreds.
   * @returns the name that was looked at last, where the limit is what ended the list
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  async *outlines(options: OutlineOptions = {}): AsyncGenerator<RunOutline, string | undefined, undefined> {
    return yield* runOutlines(await this.#open(), options)
  }

  /**
   * Some of the runs that can be seen, each with where its indexes are; `next` is where the next page begins.
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  async page(options: PageOfRunsOptions = {}): Promise<PageOfRuns> {
    return readPage(await this.#open(), options)
  }

  /**
   * Where a run is, or `undefined` when there is none of that name.
   * @throws RemoteJobError `RESULT_EXPIRED` for one whose time to live is over
   */
  async get(name: string, options: Cancellable = {}): Promise<RunState | undefined> {
    checkRunName(name)
    const w = await this.#open()
    const run = await readRun(w, name, options)
    return run && readSeenState(w, run, options)
  }

  /**
   * Waits for a run's end, however it ends.
   * @throws RemoteJobError `NOT_FOUND`, `RESULT_EXPIRED`, `TIMED_OUT`
   */
  async wait(name: string, options: RunWaitOptions = {}): Promise<RunState> {
    checkRunName(name)
    return waitForRun(await this.#open(), name, options)
  }

  /**
   * What the instances of a run printed, one instance after the other.
   * @throws RemoteJobError `NOT_FOUND` for a run, or one instance, that there is not, `RESULT_EXPIRED`, `INVALID_ARGUMENT`
   */
  async *logs(name: string, options: RunLogsOptions = {}): AsyncGenerator<RunLogChunk, void, undefined> {
    const { w, run } = await this.#expect(name, options)
    yield* readRunLogs(w, run, options)
  }

  /**
   * What happened to a run and its instances, the oldest first.
   * @throws RemoteJobError `NOT_FOUND`, `RESULT_EXPIRED`
   */
  async events(name: string, options: Cancellable = {}): Promise<readonly RunEvent[]> {
    const { w, run } = await this.#expect(name, options)
    return readEvents(w, run, options)
  }

  /**
   * Asks for the instances that run to be stopped and begun anew, which costs them no try; within some seconds their workers do.
   * Resolves their indexes, as `2-4,6-8`.
   * @throws RemoteJobError `NOT_FOUND`, `RESULT_EXPIRED`
   */
  async restart(name: string, options: Cancellable = {}): Promise<string> {
    const { w, run } = await this.#expect(name, options)
    return restartRun(w, run, options)
  }

  /** Ends a run and forgets it: false when there was none of that name. It is how a daemon is stopped. */
  async delete(name: string): Promise<boolean> {
    checkRunName(name)
    const w = await this.#open()
    const run = await readRun(w, name)
    if (run) await deleteRun(w, run)
    return run !== undefined
  }

  /**
   * Removes what can be seen of runs whose time to live is over, and resolves their names; and sends the instances of those whose
   * requester died before it did. Workers do it every five minutes.
   */
  async expire(options: Cancellable = {}): Promise<readonly string[]> {
    return expireRuns(await this.#open(), options)
  }

  /**
   * Takes instances of every run, or of those that it may run, several at a time, until the worker is closed.
   * @throws RemoteJobError `INVALID_ARGUMENT`
   */
  work(options: RunsWorkerOptions = {}): Worker {
    const events = new EventRuns(this.subscriptions, this.jobs)
    return workOnRuns(this.#queue, () => this.#open(), { events, jobs: this.jobs }, options)
  }

  async #deleteRunsOf(job: string, options: Cancellable): Promise<void> {
    const w = await this.#open()
    for await (const name of runNames(w, options)) {
      const run = await readRun(w, name, options)
      if (run?.job === job) await deleteRun(w, run)
    }
  }

  async #expect(name: string, options: Cancellable): Promise<{ readonly w: Workspace; readonly run: RunRecord }> {
    checkRunName(name)
    const w = await this.#open()
    return { w, run: await expectRun(w, name, options) }
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
