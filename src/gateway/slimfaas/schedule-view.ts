import type { Schedule } from '../../cron/schedule.ts'
import type { Overrides } from '../../runs/definition/job-definition.ts'
import { parseTickRun } from '../../runs/ticks/tick-run.ts'
import { writeVariable } from '../../runs/vocabularies/slimfaas-environment.ts'
import { parseScheduleName, type ScheduleId } from './schedule-names.ts'

/** A schedule of a job that SlimFaas's routes offer. */
export interface JobSchedule extends ScheduleId {
  readonly schedule: Schedule
  /** What its runs say instead of the job. */
  readonly overrides: Overrides
}

/** `undefined` for schedules that were made otherwise. */
export function jobScheduleFrom(schedule: Schedule): JobSchedule | undefined {
  const id = parseScheduleName(schedule.name)
  const run = parseTickRun(schedule.metadata['run'])
  return id && run?.job !== undefined ? { ...id, schedule, overrides: run.overrides } : undefined
}

/** A schedule as `GET /job-schedules/<name>` lists it; what was not said has SlimFaas's defaults, or is left out. */
export function scheduleView({ id, schedule, overrides }: JobSchedule) {
  const { arguments: words = [], image = '', retryLimit = 1, ttlSecondsAfterFinish = 60, environment } = overrides
  return {
    Id: id,
    Schedule: schedule.cron,
    Args: words,
    Image: image,
    BackoffLimit: retryLimit,
    TtlSecondsAfterFinished: ttlSecondsAfterFinish,
    RestartPolicy: schedule.metadata['restartPolicy'] === 'OnFailure' ? 'OnFailure' : 'Never',
    Resources: resourcesView(overrides.slimFaas),
    Environments: environment?.flatMap((entry) => writeVariable(entry) ?? []),
    DependsOn: overrides.dependsOn ?? [],
  }
}

/** A schedule as `GET /jobs/status` lists it: the instant is in seconds since 1970. */
export function plannedView({ id, schedule, overrides }: JobSchedule) {
  const { cron, nextTick } = schedule
  return {
    Id: id,
    Schedule: cron,
    Image: overrides.image ?? '',
    NextExecutionTimestamp: nextTick ? Math.floor(nextTick.getTime() / 1000) : null,
    Resources: resourcesView(overrides.slimFaas) ?? null,
    DependsOn: overrides.dependsOn ?? null,
  }
}

/** `{ "Requests": { "cpu": "400m" }, "Limits": { … } }` */
export function resourcesView(resources: Overrides['slimFaas']) {
  return resources && { Requests: resources.requests, Limits: resources.limits }
}
