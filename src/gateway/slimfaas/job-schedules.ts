import { randomUUID } from 'node:crypto'
import type { Schedules } from '../../cron/schedules.ts'
import { isJsonObject } from '../../protocol/json.ts'
import { slimFaasSchedule } from '../../runs/vocabularies/from-json.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { expectHarmless } from '../harmless.ts'
import { Problem } from '../problem.ts'
import { configuredJob } from './configured-jobs.ts'
import { refusalOf } from './refusal-of.ts'
import { parseScheduleName, scheduleName } from './schedule-names.ts'
import { jobScheduleFrom, scheduleView } from './schedule-view.ts'
import type { SlimFaas } from './slimfaas.ts'
import { readWanted } from './submit-job.ts'
import { expectVisible, isInside } from './visibility.ts'
import { warningsOf } from './warnings.ts'

/** Schedules of one job that callers from outside may make: each lasts for ever. */
const mostFromOutside = 100

/** `POST /job-schedules/<name>` */
export async function createSchedule(c: GatewayContext, slimFaas: SlimFaas, name: string): Promise<Response> {
  const { runs, schedules } = await slimFaas.open()
  const { definition, body } = await readWanted(c, slimFaas, { runs, name })
  try {
    const { schedule: cron, overrides, lowered } = slimFaasSchedule(definition, body)
    if (!isInside(c, slimFaas, 'admin')) expectHarmless(definition, overrides)
    if (!isInside(c, slimFaas, 'submit')) await expectRoom(schedules, name)
    const id = randomUUID()
    const { job, options } = await runs.atEachTick({ ...overrides, job: definition.name })
    // Kept to be shown: both policies are the same here.
    const policy = isJsonObject(body) && body['RestartPolicy'] === 'OnFailure' ? { restartPolicy: 'OnFailure' } : {}
    await schedules.create({ name: scheduleName(name, id), cron, job: { ...job, ...policy }, options })
    return c.json({ Id: id }, 201, warningsOf(definition, lowered))
  } catch (error) {
    throw refusalOf(error)
  }
}

async function expectRoom(schedules: Schedules, name: string): Promise<void> {
  let count = 0
  for await (const schedule of schedules.list({ prefix: `${name}-` }))
    if (parseScheduleName(schedule.name)?.job === name) count += 1
  if (count >= mostFromOutside)
    throw new Problem(400, `The job has ${mostFromOutside} schedules already: delete some, or send a token for more`)
}

/** `GET /job-schedules/<name>`: those that callers made. */
export async function listSchedules(c: GatewayContext, slimFaas: SlimFaas, name: string): Promise<Response> {
  const { runs, schedules } = await slimFaas.open()
  const definition = await configuredJob(runs, name)
  if (definition) expectVisible(c, slimFaas, definition, { scope: 'read', status: 404 })
  const all = definition ? await Array.fromAsync(schedules.list({ prefix: `${name}-` }), jobScheduleFrom) : []
  return c.json(all.filter((one) => one?.job === name && !one.isConfigured).map((one) => one && scheduleView(one)))
}

/** `DELETE /job-schedules/<name>/<id>` */
export async function deleteSchedule(
  c: GatewayContext,
  slimFaas: SlimFaas,
  { name, id }: { readonly name: string; readonly id: string },
): Promise<Response> {
  const { runs, schedules } = await slimFaas.open()
  const definition = await configuredJob(runs, name)
  if (definition) expectVisible(c, slimFaas, definition, { scope: 'submit', status: 400 })
  const isGuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
  if (definition && isGuid && (await schedules.delete(scheduleName(name, id)))) return c.body(null, 204)
  throw new Problem(404, `There is no schedule of the job "${name}" with that id`)
}
