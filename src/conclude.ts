import { hasCode } from './errors.ts'
import type { WorkerEvent } from './instrument.ts'
import { JobAlreadySettledError, UnrecoverableError } from './job-errors.ts'
import { end as ending, type Job } from './job.ts'
import { attachedTo, letGoOf } from './lifecycle/attachments.ts'
import { type Backoff, type BackoffFunction, backoffSeconds } from './lifecycle/backoff.ts'
import { causeFrom } from './lifecycle/job-failed-error.ts'
import { NotBegunError } from './lifecycle/not-begun-error.ts'
import type { Performance, Stored } from './lifecycle/perform.ts'

/** Seconds for which a job rests that could not be begun. */
const restSeconds = 5

/** What a worker brings to the end of a run. */
export interface Circumstances {
  /** How long the handler took. */
  readonly seconds: number
  readonly backoff: Backoff | BackoffFunction
  /** Aborts when the worker gives its jobs back. */
  readonly closing: AbortSignal
  readonly tell: (event: Omit<WorkerEvent, 'queue'>) => void
}

/** Does with a job what the end of its handler's run asks for, and tells of it. */
export async function conclude<Metadata>(
  job: Job<Metadata>,
  end: Performance<Stored>,
  circumstances: Circumstances,
): Promise<void> {
  switch (end.kind) {
    case 'returned': {
      const { kind, ...more } = end.returned
      const { seconds, tell } = circumstances
      return kind === 'settled'
        ? tellSettled(job, circumstances)
        : tell({ name: kind, seconds, ...about(job), ...more })
    }
    case 'threw':
    case 'timed-out':
      return failed(job, end.error, 'thrown' in end ? end.thrown : end.error, circumstances)
    case 'lost':
    case 'stopped':
      return interrupted(job, end, circumstances)
    default:
      return end satisfies never
  }
}

/** What the handler did with the job by itself is told like what a worker does with one. */
function tellSettled<Metadata>(job: Job<Metadata>, { seconds, tell }: Circumstances): void {
  const ended = job[ending]
  if (ended === 'released') tell({ name: 'released', ...about(job) })
  else if (ended?.status === 'completed') tell({ name: 'completed', seconds, ...about(job) })
  else if (ended?.status === 'failed')
    tell({ name: 'failed', seconds, error: ended.error && causeFrom(ended.error), ...about(job) })
}

/** What the handler threw when it was told may bring files along: they go once nobody waits for the job any more. */
async function interrupted<Metadata>(
  job: Job<Metadata>,
  end: Extract<Performance<Stored>, { kind: 'lost' | 'stopped' }>,
  circumstances: Circumstances,
): Promise<void> {
  try {
    if (end.kind === 'lost') await leave(job, end.error, circumstances)
    else if (!job.settled) await giveUp(job, circumstances)
  } finally {
    await letGoOf(end.thrown)
  }
}

/** Gives a job back that was not done, at no cost of an attempt. */
export async function giveUp<Metadata>(job: Job<Metadata>, circumstances: Circumstances): Promise<void> {
  if (job.acknowledged) return retry(job, circumstances.closing.reason, circumstances)
  await job.release({ counted: false })
  circumstances.tell({ name: 'released', ...about(job) })
}

/** @param thrown What may bring files along and say that another try is of no use, and is let go of at the end */
async function failed<Metadata>(
  job: Job<Metadata>,
  error: unknown,
  thrown: unknown,
  circumstances: Circumstances,
): Promise<void> {
  try {
    if (job.settled) return
    // The handler itself could not give it back: the job is another's, and none of its attempts are counted here.
    if (hasCode(error, 'LEASE_LOST')) await leave(job, error, circumstances)
    else if (error instanceof NotBegunError && !job.acknowledged) await putOff(job, error, circumstances)
    else await retry(job, error, circumstances, thrown)
  } finally {
    await letGoOf(thrown)
  }
}

/** Somebody else may have what this worker lacks, and it may have it again after a while. */
async function putOff<Metadata>(job: Job<Metadata>, error: NotBegunError, { tell }: Circumstances): Promise<void> {
  await job.release({ counted: false, delaySeconds: restSeconds, error })
  tell({ name: 'error', error, delaySeconds: restSeconds, ...about(job) })
}

async function retry<Metadata>(
  job: Job<Metadata>,
  error: unknown,
  { seconds, backoff, tell }: Circumstances,
  thrown = error,
): Promise<void> {
  const told = { error, seconds, ...about(job) }
  // Nobody else will do a job that was acknowledged: its failure is final.
  if (thrown instanceof UnrecoverableError || job.acknowledged || job.attempt >= job.attempts) {
    try {
      await job.fail(error, attachedTo(thrown))
      tell({ name: 'failed', ...told })
    } catch (settled) {
      if (!(settled instanceof JobAlreadySettledError)) throw settled
      tell({ name: 'superseded', ...told, error: settled })
    }
    return
  }
  const delaySeconds = backoffSeconds(backoff, job.attempt, error)
  await job.release({ delaySeconds, error })
  tell({ name: 'retrying', delaySeconds, ...told })
}

/** A job that was cancelled or ended elsewhere is taken off its queue by who has it; one whose lease is lost is somebody else's. */
async function leave<Metadata>(job: Job<Metadata>, error: unknown, { seconds, tell }: Circumstances): Promise<void> {
  tell({ name: 'lost', error, seconds, ...about(job) })
  if (!hasCode(error, 'ALREADY_SETTLED')) return
  await job.fail(error).catch((settled: unknown) => {
    if (!hasCode(settled, 'ALREADY_SETTLED')) throw settled
  })
}

function about<Metadata>({ id, attempt }: Job<Metadata>): { jobId: string; attempt: number } {
  return { jobId: id, attempt }
}
