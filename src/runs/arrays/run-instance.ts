import { hasCode } from '../../errors.ts'
import { UnrecoverableError } from '../../job-errors.ts'
import type { Job } from '../../job.ts'
import { attachedTo, attachments, letGoOf } from '../../lifecycle/attachments.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { programHandler } from '../programs/program-handler.ts'
import { containerExecutor } from '../executors/container.ts'
import { forgetTries } from './forget-tries.ts'
import { resolveReferences } from '../stored/resolve.ts'
import { instanceEnvironment } from './instance-environment.ts'
import { type InstanceId, type InstanceState, stateKey } from './run-keys.ts'
import type { KnownRuns } from './known-runs.ts'
import { RestartWatch } from './restart-run.ts'
import { deadlineOf, type RunRecord } from './run-record.ts'
import { takeTurn, type Turn } from './turn.ts'

/** Bytes of each output of a daemon that are kept: it may print for months, and its worker's disk and the bucket have ends. */
const daemonKeepBytes = 16 * 1024 * 1024
/** Seconds for which a try rests that was kept from running. */
const restSeconds = 5

/** What runs containers. */
export interface Engine {
  /** The command of podman or docker. @default 'podman' */
  readonly engine?: string | undefined
  /** Options for its `run`, such as `--runtime`. @default none */
  readonly engineOptions?: readonly string[] | undefined
}

/** What runs an instance. */
export interface InstanceContext extends Engine {
  readonly w: Workspace
  readonly known: KnownRuns
  readonly signal: AbortSignal
  /** Seconds between SIGTERM and SIGKILL. */
  readonly graceSeconds: number
  /** What every program is told of where it runs. */
  readonly project: Readonly<Record<string, string>>
  /** Told when the program is about to be started: the instance was there, and had a slot. */
  readonly onBegin: (definition: JobDefinition) => void
}

/** One try of an index, when its run is there and there is a slot for it. */
export async function runInstance(job: Job, instance: InstanceId, context: InstanceContext): Promise<void> {
  const { w, known, signal } = context
  try {
    const run = await known.recall(w, instance, { signal })
    if (!run) return await endDeleted(job, instance)
    await using turn = await takeTurn(w, job, run, signal)
    if (turn) await runInTurn(job, instance, run, { ...context, turn })
  } catch (error) {
    // That something is out of reach says nothing of the program, and costs it no try.
    if (!hasCode(error, 'UNAVAILABLE') || signal.aborted || job.settled) throw error
    w.report(error)
    await job.release({ counted: false, delaySeconds: restSeconds })
  }
}

/**
 * What becomes of a try is written in this order: the job's fate, then the state in a key's name; a crash between the two is found by
 * whoever reads the state.
 */
async function runInTurn(
  job: Job,
  instance: InstanceId,
  run: RunRecord,
  context: InstanceContext & { readonly turn: Turn },
): Promise<void> {
  const { w, known, signal, turn } = context
  const started = { index: instance.index, attempt: job.attempt, state: 'started' } as const
  // Written before the run is looked for: whoever deletes the run looks for these afterwards, so one of the two sees the other.
  await note(w, instance, started)
  if (!(await known.find(w, instance, { signal }))) {
    await forget(w, instance, started)
    return endDeleted(job, instance)
  }
  if (run.definition.mode === 'daemon') await forgetTries(w, instance, job.attempt, { signal })
  context.onBegin(run.definition)
  const deadline = deadlineOf(run)
  // A daemon has none, and no timer counts for as long as it may run.
  const late = Number.isFinite(deadline) ? AbortSignal.timeout(Math.max(0, deadline - Date.now())) : undefined
  using watch = new RestartWatch(w, instance, job.attempt)
  const ends = [signal, late, turn.lost, watch.signal].filter((one) => one !== undefined)
  const limited = { ...context, signal: AbortSignal.any(ends) }
  const handed = await startProgram(job, run, instance.index, limited).catch(async (error: unknown) => {
    const isLate = late?.aborted === true
    const isInterrupted = signal.aborted || hasCode(error, 'UNAVAILABLE') || (turn.lost?.aborted === true && !isLate)
    if (isInterrupted) {
      await forget(w, instance, started)
      if (turn.lost?.aborted !== true || signal.aborted) throw error
      await letGoOf(error)
      return job.release({ counted: false })
    }
    return watch.signal.aborted && !isLate ? letGoOf(error) : fail(w, job, instance, error, isLate)
  })
  // Also of a program that ended well when it was told to: what it has is half of what was wanted.
  if (watch.signal.aborted && !job.settled) return beginAnew(w, job, instance, { watch, handed })
  if (!handed) return
  try {
    await job.complete(null, { assets: handed.assets }, { signal })
  } finally {
    await letGoOf(handed)
  }
  await note(w, instance, { ...started, state: 'succeeded' })
}

async function endDeleted(job: Job, { name }: InstanceId): Promise<void> {
  await job.fail(new Error(`The run "${name}" was deleted`))
}

async function startProgram(job: Job, run: RunRecord, index: number, context: InstanceContext) {
  const { w, signal, graceSeconds, project, engine, engineOptions } = context
  const { image, command, arguments: words, cpu, memory } = run.definition
  const { variables, mounts } = await resolveReferences(w, run.definition, { signal })
  const [program = '', ...first] = command
  const executor =
    image === undefined
      ? undefined
      : containerExecutor({ image, engine, engineOptions, cpus: cpu, memoryBytes: memory })
  // What is told of the instance is never replaced by the definition's own variables.
  const environment = { ...variables, ...instanceEnvironment(run, index, job), ...project }
  const args = [...first, ...words]
  const keepBytes = run.definition.mode === 'daemon' ? daemonKeepBytes : undefined
  const options = { command: program, args, environment, mounts, graceSeconds, executor, keepBytes }
  return programHandler(options)(job, { signal })
}

/** Back to the queue at no cost of a try: whoever takes it next runs the same one. */
async function beginAnew(
  w: Workspace,
  job: Job,
  instance: InstanceId,
  { watch, handed }: { readonly watch: RestartWatch; readonly handed: unknown },
): Promise<void> {
  await letGoOf(handed)
  await note(w, instance, { index: instance.index, attempt: job.attempt, state: 'restarted' })
  await watch.meet()
  await job.release({ counted: false })
}

/** A failure is another try, unless it was the last or there is no time left. */
async function fail(w: Workspace, job: Job, instance: InstanceId, error: unknown, isLate: boolean): Promise<undefined> {
  const reason = isLate ? 'MaxExecutionTimeExceeded' : reasonOf(error)
  const failed = { index: instance.index, attempt: job.attempt, state: 'failed', reason } as const
  if (!isLate && job.attempt < job.attempts) {
    await note(w, instance, failed)
    throw retryable(error)
  }
  try {
    const message = isLate ? 'The run took longer than its maximum execution time' : messageOf(error)
    await job.fail(Object.assign(new Error(message), { name: 'ProgramError', code: reason }), attachedTo(error))
  } finally {
    await letGoOf(error)
  }
  await note(w, instance, failed)
  return undefined
}

async function note(w: Workspace, instance: InstanceId, state: InstanceState): Promise<void> {
  await w.objects.put(stateKey(instance, state), Buffer.alloc(0))
}

/** A try that was given back uncounted never was. */
async function forget(w: Workspace, instance: InstanceId, state: InstanceState): Promise<void> {
  await w.objects.delete(stateKey(instance, state))
}

/** No exit code is final here, and an error of that class would be. */
function retryable(error: unknown): unknown {
  if (!(error instanceof UnrecoverableError)) return error
  const files = attachedTo(error)
  const again = Object.assign(new Error(error.message), { code: reasonOf(error) })
  return files ? Object.assign(again, { [attachments]: files, [Symbol.asyncDispose]: () => letGoOf(error) }) : again
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Za-z0-9]{1,64}$/.test(code) ? code : 'Unknown'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
