import { isUtf8 } from 'node:buffer'
import type { Schedule } from '../../cron.ts'
import { hasCode, RemoteJobError } from '../../errors.ts'
import type { TickEvent } from '../../runs.ts'
import { parseTickRun, type TickRun } from '../../runs/ticks/tick-run.ts'
import { text } from '../../protocol/request.ts'
import { exitCodes } from '../exit-codes.ts'
import { spanText, timeText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import { type Opened, withSchedules } from '../schedules/place.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import { deleteNamed, type DeleteOptions } from './delete-named.ts'
import { missing } from './missing.ts'
import type { RunsPlace } from './place.ts'
import { spoken } from './spoken.ts'
import { type ExtensionOptions, extensionsFrom } from './subscription-options.ts'

interface Named extends RunsPlace {
  readonly name: string
}

interface CronOptions extends Named, ExtensionOptions {
  readonly destination?: string | undefined
  readonly schedule?: string | undefined
  readonly timeZone?: string | undefined
  readonly data?: string | undefined
  readonly dataBase64?: string | undefined
  readonly contentType?: string | undefined
  readonly force?: boolean | undefined
}

/** A schedule that runs a stored job. */
interface Cron {
  readonly schedule: Schedule
  readonly run: TickRun & { readonly job: string }
  readonly reason: string | undefined
}

const kind = { noun: 'subscription cron', command: 'subscription cron' }

/** `remotejob subscription cron create` */
export async function createCron(
  session: Session,
  options: CronOptions & { readonly destination: string; readonly schedule: string },
): Promise<void> {
  const { name, destination: job, schedule: cron, timeZone, contentType, force } = options
  const event = {
    data: dataFrom(options),
    contentType: contentType || undefined,
    extensions: extensionsFrom(options),
  }
  const made = await spoken(session, `Creating cron source '${name}'...`, () =>
    withSchedules(session, options, (opened) =>
      asTyped(async () => {
        const each = await opened.runs.atEachTick({ job }, event, { force })
        return looked(opened, await opened.schedules.create({ name, cron, timeZone, ...each }))
      }),
    ),
  )
  await printChanged(session, made)
}

/** `remotejob subscription cron update` */
export async function updateCron(session: Session, options: CronOptions): Promise<void> {
  const { name, schedule: cron, timeZone, force } = options
  const { destination, data, dataBase64, contentType, extension, extensionRm } = options
  if (
    [cron, timeZone, destination, data, dataBase64, contentType, extension, extensionRm].every(
      (one) => one === undefined,
    )
  )
    throw new Problem(
      exitCodes.usage,
      `Nothing is said that changes the subscription: remotejob ${kind.command} update --help shows what can be`,
    )
  const changed = await spoken(session, `Updating cron source '${name}'...`, () =>
    withSchedules(
      session,
      options,
      (opened) =>
        asTyped(async () => {
          const before = await find(opened, name)
          const { job, overrides } = before.run
          const request = { ...overrides, job: destination ?? job }
          const each = await opened.runs.atEachTick(request, eventFrom(before, options), { force })
          return looked(opened, await opened.schedules.update(name, { cron, timeZone, ...each }))
        }),
      'never',
    ),
  )
  await printChanged(session, changed)
}

/** `remotejob subscription cron get` */
export async function getCron(session: Session, { name, ...place }: Named): Promise<void> {
  const cron = await withSchedules(session, place, (opened) => find(opened, name), 'never')
  const rows = Object.entries(rowsOf(cron)).flatMap(([what, value]) => (value ? [[what, value]] : []))
  await session.print({ data: dataOf(cron), table: { columns: ['Property', 'Value'], rows } })
}

/** `remotejob subscription cron list` */
export async function listCrons(
  session: Session,
  { sortBy, ...place }: RunsPlace & { readonly sortBy: 'name' | 'age' },
): Promise<void> {
  const found = await withSchedules(
    session,
    place,
    async (opened) => {
      const all = await Array.fromAsync(opened.schedules.list())
      return Promise.all(all.map((schedule) => looked(opened, schedule)))
    },
    'never',
  )
  const crons = found.filter((one) => one !== undefined)
  if (sortBy === 'age') crons.sort((a, b) => b.schedule.createdAt.getTime() - a.schedule.createdAt.getTime())
  await session.print({
    data: { subscriptions: crons.map(dataOf) },
    table: {
      columns: ['Name', 'Age', 'Ready', 'Schedule', 'Time zone', 'Next', 'Destination'],
      rows: crons.map(({ schedule: { name, createdAt, cron, timeZone, nextTick }, run, reason }) => [
        name,
        spanText((Date.now() - createdAt.getTime()) / 1000),
        reason === undefined ? 'yes' : 'no',
        cron,
        timeZone,
        timeText(nextTick),
        `job:${run.job}`,
      ]),
    },
  })
  if (crons.length === 0) note(session.terminal, 'There are no subscriptions.')
}

/** `remotejob subscription cron delete` */
export async function deleteCron(session: Session, options: Named & DeleteOptions): Promise<void> {
  const { name } = options
  const words = { question: `Delete the subscription "${name}"?`, intention: `Deleting cron source '${name}'...` }
  await deleteNamed(session, kind, { ...options, ...words }, () =>
    withSchedules(session, options, ({ schedules }) => schedules.delete(name), 'never'),
  )
}

/** What its job is looked up for; `undefined` where it is a schedule of something else. */
async function looked({ runs }: Opened, schedule: Schedule): Promise<Cron | undefined> {
  const run = parseTickRun(schedule.metadata['run'])
  const { job } = run ?? {}
  if (!run || job === undefined) return undefined
  const isThere = (await runs.jobs.get(job)) !== undefined
  const paused = schedule.paused ? 'It is paused: remotejob schedule resume' : undefined
  return {
    schedule,
    run: { ...run, job },
    reason: isThere ? paused : `There is no job "${job}": its ticks fail until it is created`,
  }
}

async function find(opened: Opened, name: string): Promise<Cron> {
  const schedule = await opened.schedules.get(name)
  const cron = schedule && (await looked(opened, schedule))
  if (!cron) throw missing(kind, name)
  return cron
}

/** What is said over what there is; empty text takes it away. */
function eventFrom({ schedule: { body, metadata }, run }: Cron, options: CronOptions): TickEvent {
  return {
    data: (dataFrom(options) ?? body?.toString()) || undefined,
    contentType: (options.contentType ?? text(metadata['contentType'])) || undefined,
    extensions: extensionsFrom(options, run.extensions),
  }
}

function dataFrom({ data, dataBase64 }: CronOptions): string | undefined {
  if (data !== undefined && dataBase64 !== undefined)
    throw new Problem(exitCodes.usage, 'Expected one of --data and --data-base64')
  if (dataBase64 === undefined) return data
  const bytes = Buffer.from(dataBase64, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== dataBase64.trim().replace(/=+$/, ''))
    throw new Problem(exitCodes.usage, 'Expected --data-base64 to be base64')
  if (isUtf8(bytes)) return bytes.toString()
  throw new Problem(
    exitCodes.usage,
    'Expected --data-base64 to be text: a variable of the environment holds no other bytes',
  )
}

const optionOf = {
  "a schedule's `name`": '--name',
  '`cron`': '--schedule',
  '`timeZone`': '--time-zone',
  '`data`': '--data',
  '`contentType`': '--content-type',
} as const

/** The library's words name members; a cron expression is called a schedule here. */
async function asTyped<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND'))
      throw new RemoteJobError(error.code, error.message.replace('`job`', '`destination`'), { cause: error })
    if (!hasCode(error, 'INVALID_ARGUMENT')) throw error
    const message = Object.entries(optionOf).reduce(
      (said, [member, option]) => said.replace(member, option),
      error.message,
    )
    throw new RemoteJobError(error.code, message, { cause: error })
  }
}

/** Nothing for people to read on standard output but that it is not ready. */
async function printChanged(session: Session, cron: Cron | undefined): Promise<void> {
  if (!cron) return
  await session.print({ data: dataOf(cron), table: '' })
  if (cron.reason !== undefined) note(session.terminal, `It is not ready: ${cron.reason}`)
}

function dataOf({ schedule, run, reason }: Cron) {
  const { name, cron, timeZone, body, metadata, nextTick, createdAt } = schedule
  return {
    name,
    destination: run.job,
    destination_type: 'job',
    schedule: cron,
    time_zone: timeZone,
    data: body?.toString() ?? null,
    content_type: text(metadata['contentType']) ?? null,
    extensions: { ...run.extensions },
    ready: reason === undefined,
    reason: reason ?? null,
    next: nextTick?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  }
}

function rowsOf({ schedule, run, reason }: Cron): Readonly<Record<string, string | undefined>> {
  const { name, cron, timeZone, body, metadata, nextTick, createdAt } = schedule
  return {
    Name: name,
    Created: timeText(createdAt),
    'Destination type': 'job',
    Destination: run.job,
    Schedule: cron,
    'Time zone': timeZone,
    'Content type': text(metadata['contentType']),
    Data: body?.toString(),
    Extensions: Object.entries(run.extensions)
      .map(([one, value]) => `${one}=${value}`)
      .join(' '),
    Next: timeText(nextTick),
    Ready: reason === undefined ? 'yes' : 'no',
    Reason: reason,
  }
}
