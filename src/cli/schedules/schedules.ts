import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Missed, Schedule, ScheduleRequest } from '../../cron.ts'
import { type JsonObject, jsonObjectFrom } from '../../protocol/json.ts'
import { parseTickRun } from '../../runs/ticks/tick-run.ts'
import { exitCodes } from '../exit-codes.ts'
import { timeText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import { deleteNamed, type DeleteOptions } from '../runs/delete-named.ts'
import type { RunsPlace } from '../runs/place.ts'
import { spoken } from '../runs/spoken.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import { type Opened, withSchedules } from './place.ts'

interface Named extends RunsPlace {
  readonly name: string
}

/** What `schedule create` is told. */
export interface CreateSettings extends Named {
  readonly cron: string
  readonly timeZone: string
  readonly missed: Missed
  readonly job?: string | undefined
  readonly force?: boolean | undefined
  readonly metadata?: JsonObject | undefined
  readonly metadataJson?: JsonObject | undefined
  readonly contentType?: string | undefined
  readonly attempts?: number | undefined
  readonly timeout?: number | undefined
  readonly expires?: number | undefined
  readonly group?: string | undefined
  /** Whether an option was said. */
  readonly said: (option: string) => boolean
}

const maxBytes = 64 * 1024
const kind = { noun: 'schedule', command: 'schedule' }

/** `remotejob schedule create` */
export async function createSchedule(
  session: Session,
  file: string | undefined,
  settings: CreateSettings,
): Promise<void> {
  checkWhat(file, settings)
  const body = file === undefined ? undefined : await bytesOf(file)
  const { name, cron, timeZone, missed } = settings
  const schedule = await spoken(session, `Creating schedule '${name}'...`, () =>
    withSchedules(session, settings, async (opened) =>
      opened.schedules.create({ name, cron, timeZone, missed, ...(await eachTick(opened, settings, { file, body })) }),
    ),
  )
  await session.print({ data: dataOf(schedule), table: '' })
}

/** Jobs of a queue and runs are made of different things. */
function checkWhat(file: string | undefined, { job, said }: CreateSettings): void {
  const ofJobs = ['metadata', 'metadataJson', 'contentType', 'attempts', 'timeout', 'expires', 'group'].find(said)
  if (job !== undefined && (file !== undefined || ofJobs !== undefined))
    throw new Problem(
      exitCodes.usage,
      'Expected no file and no options of jobs beside --job: for data for a run there is remotejob subscription cron create',
    )
  if (job === undefined && !said('queue'))
    throw new Problem(
      exitCodes.usage,
      'Expected --job, for a run of a job that is stored, or --queue, for jobs of a queue',
    )
}

async function eachTick(
  { runs }: Opened,
  settings: CreateSettings,
  { file, body }: { readonly file: string | undefined; readonly body: Buffer | undefined },
): Promise<Pick<ScheduleRequest, 'job' | 'options'>> {
  const { job, force, metadata, metadataJson, contentType, attempts, timeout, expires, group } = settings
  if (job !== undefined) return runs.atEachTick({ job }, {}, { force })
  const filename = file === undefined || file === '-' ? undefined : basename(file)
  return {
    job: { ...metadataJson, ...metadata, ...(filename && { filename }), ...(contentType && { contentType }), body },
    options: { attempts, timeoutSeconds: timeout, expiresSeconds: expires, group },
  }
}

/** No more is read than a schedule keeps. */
async function bytesOf(file: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file)
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(file)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(file: string): Problem {
  const what = file === '-' ? 'standard input' : `"${file}"`
  const advice = 'store it with the library (queue.store), and say in the metadata where it is'
  return new Problem(exitCodes.usage, `A schedule keeps ${maxBytes} bytes at most, and ${what} is larger: ${advice}`)
}

/** `remotejob schedule list` */
export async function listSchedules(session: Session, place: RunsPlace): Promise<void> {
  const all = await withSchedules(session, place, ({ schedules }) => Array.fromAsync(schedules.list()), 'never')
  await session.print({
    data: { schedules: all.map(dataOf) },
    table: {
      columns: ['Name', 'Cron', 'Time zone', 'Missed', 'Makes', 'Next'],
      rows: all.map((schedule) => {
        const { name, cron, timeZone, missed, paused, nextTick } = schedule
        return [name, cron, timeZone, missed, whatOf(schedule), paused ? 'paused' : timeText(nextTick)]
      }),
    },
  })
  if (all.length === 0) note(session.terminal, 'There are no schedules.')
}

/** `remotejob schedule pause` and `resume` */
export async function switchSchedule(
  session: Session,
  verb: 'pause' | 'resume',
  { name, ...place }: Named,
): Promise<void> {
  await spoken(session, `${verb === 'pause' ? 'Pausing' : 'Resuming'} schedule '${name}'...`, () =>
    withSchedules(session, place, ({ schedules }) => schedules[verb](name), 'never'),
  )
}

/** `remotejob schedule delete` */
export async function deleteSchedule(session: Session, options: Named & DeleteOptions): Promise<void> {
  const { name } = options
  const words = { question: `Delete the schedule "${name}"?`, intention: `Deleting schedule '${name}'...` }
  await deleteNamed(session, kind, { ...options, ...words }, () =>
    withSchedules(session, options, ({ schedules }) => schedules.delete(name), 'never'),
  )
}

function whatOf({ metadata }: Schedule): string {
  const run = parseTickRun(metadata['run'])
  if (!run) return 'a job'
  return `a run of ${run.job ?? run.definition?.name ?? ''}`
}

function dataOf({ nextTick, createdAt, updatedAt, body, options, metadata, ...schedule }: Schedule) {
  return {
    ...schedule,
    nextTick: nextTick?.toISOString() ?? null,
    metadata,
    bytes: body?.byteLength ?? null,
    options: jsonObjectFrom(options, 'options'),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
