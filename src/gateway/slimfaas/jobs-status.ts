import { forEachOf } from '../../for-each-of.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { configuredJobs, defaultJob } from './configured-jobs.ts'
import { type JobRuns, jobRuns } from './job-runs.ts'
import { runningView } from './job-view.ts'
import { type JobSchedule, jobScheduleFrom, plannedView, resourcesView } from './schedule-view.ts'
import type { SlimFaas } from './slimfaas.ts'
import { isInside } from './visibility.ts'

/** Jobs that are looked at at the same time. */
const together = 4

/** What there is to tell of a job. */
export interface JobStatus {
  readonly definition: JobDefinition
  /** Runs that began and can still be seen. */
  readonly running: JobRuns
  readonly schedules: readonly JobSchedule[]
}

/** `GET /jobs/status`: all that is configured, without what is not for the caller. */
export async function jobsStatus(c: GatewayContext, slimFaas: SlimFaas): Promise<Response> {
  const isForAll = isInside(c, slimFaas, 'read')
  const all = await slimFaas.statuses.ask('', () => readStatuses(slimFaas))
  return c.json(all.filter(({ definition }) => isForAll || definition.visibility === 'public').map(statusView))
}

async function readStatuses(slimFaas: SlimFaas): Promise<readonly JobStatus[]> {
  const { runs, schedules } = await slimFaas.open()
  const signal = slimFaas.closing
  const definitions = await configuredJobs(runs)
  const found = await Array.fromAsync(schedules.list({ signal }), jobScheduleFrom)
  const planned = Map.groupBy(
    found.filter((one) => one !== undefined),
    ({ job }) => job,
  )
  return forEachOf(definitions, together, async (definition): Promise<JobStatus> => {
    const running = await jobRuns(runs, definition.name, ({ isBegun }) => isBegun, { signal })
    return { definition, running, schedules: planned.get(definition.name) ?? [] }
  })
}

function statusView({ definition, running, schedules }: JobStatus) {
  const { name, visibility, image = '', imagesWhitelist, parallelism = 1, slimFaas, dependsOn } = definition
  return {
    Name: name === defaultJob ? 'Default' : name,
    Visibility: visibility === 'public' ? 'Public' : 'Private',
    Image: image,
    ImagesWhitelist: imagesWhitelist,
    NumberParallelJob: parallelism,
    Resources: resourcesView(slimFaas) ?? null,
    DependsOn: dependsOn,
    Schedules: schedules.map(plannedView),
    RunningJobs: running.runs.map(runningView),
  }
}
