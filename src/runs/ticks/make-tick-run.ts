import { createHash } from 'node:crypto'
import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import type { Job } from '../../job.ts'
import { UnrecoverableError } from '../../job-errors.ts'
import type { Returned } from '../../lifecycle/outcome.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { Tick } from '../../protocol/schedule-keys.ts'
import { startRun } from '../arrays/start-run.ts'
import { mergeEnvironment } from '../definition/environment-entry.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { mergeDefinition } from '../definition/merge.ts'
import { refusal } from '../definition/refuse.ts'
import { isListed } from '../definition/whitelist.ts'
import type { Jobs } from '../stored/jobs.ts'
import { pingEnvironment } from './ping-environment.ts'
import { parseTickRun, type TickRun } from './tick-run.ts'

/** What a run is made with. */
interface TickContext extends Cancellable {
  readonly w: Workspace
  readonly jobs: Pick<Jobs, 'get'>
}

/**
 * Makes the run of a tick: its name and its mark come from the schedule and the instant, so that whoever does it again finds it made.
 * A stored job is run as it is now.
 */
export async function makeTickRun(job: Job, tick: Tick, { w, jobs, signal }: TickContext): Promise<Returned> {
  const wanted = parseTickRun(job.metadata['run'])
  if (!wanted)
    throw new UnrecoverableError(`The schedule "${tick.schedule}" does not say what is run: see runs.atEachTick`)
  const definition = await definitionAt(tick, wanted, jobs, { signal })
  const data = job.size ? await job.text() : undefined
  const { extensions } = wanted
  const ping = pingEnvironment({ id: job.id, tick, project: w.name, data, contentType: job.contentType, extensions })
  const environment = mergeEnvironment(definition.environment, ping)
  const id = runOf(tick)
  const run = {
    v: 1,
    ...id,
    job: wanted.job,
    definition: { ...definition, environment },
    submittedAt: Date.now(),
  } as const
  if (await startRun(w, run, { signal })) return { value: { run: id.name } }
  throw new UnrecoverableError(`The name "${id.name}" is taken by a run that is not of this tick`)
}

async function definitionAt(
  { schedule }: Tick,
  { job, definition, overrides }: TickRun,
  jobs: Pick<Jobs, 'get'>,
  options: Cancellable,
): Promise<JobDefinition> {
  if (definition) return definition
  const stored = await jobs.get(job ?? '', options)
  if (!stored)
    throw new UnrecoverableError(`There is no job "${job}", which the schedule "${schedule}" runs: create it`)
  try {
    checkTickImage(stored.definition, overrides.image)
    return mergeDefinition(stored.definition, overrides)
  } catch (error) {
    // The job was changed since.
    if (hasCode(error, 'INVALID_ARGUMENT')) throw new UnrecoverableError(error.message, { cause: error })
    throw error
  }
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for an image that is neither the job's nor one that it allows */
export function checkTickImage({ image, imagesWhitelist }: JobDefinition, wanted: string | undefined): void {
  if (wanted === undefined || wanted === image || isListed(wanted, imagesWhitelist)) return
  throw refusal('image', `the job's, ${JSON.stringify(image)}, or one that it allows`, wanted)
}

/** Names of runs have 53 characters at most: of a long name a part stays, with a digest of all of it. */
function runOf({ schedule, at }: Tick): { readonly name: string; readonly uid: string } {
  const instant = at
    .toISOString()
    .replaceAll(/[-:]|:?\d\d\.\d{3}/g, '')
    .toLowerCase()
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  const short = schedule.length <= 38 ? schedule : `${schedule.slice(0, 29)}-${digest(schedule).slice(0, 8)}`
  return { name: `${short}-${instant}`, uid: digest(`${schedule}.${instant}`).slice(0, 16) }
}
