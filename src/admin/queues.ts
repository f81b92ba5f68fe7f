import type { MessageCounts } from '../administration.ts'
import { isRemoteJobError, RemoteJobError } from '../errors.ts'
import { forEachOf } from '../for-each-of.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { deadLetterQueueName, statusQueueName } from '../protocol/names.ts'
import { type AdminOptions, administer, type Desk } from './administer.ts'
import { oldestUnended } from './oldest-unended.ts'

/** What a queue holds at this moment. */
export interface QueueOverview {
  readonly name: string
  /** Jobs that a worker could take now. */
  readonly waiting: number
  /** Jobs whose delay is not over. */
  readonly delayed: number
  /** Jobs that workers have in hand, or that wait for another try. */
  readonly inFlight: number
  /** Messages that no worker could end. */
  readonly dead: number
  /** Announcements of ended jobs that nobody has taken, by status; empty where the queue has no such statuses. */
  readonly announced: Readonly<Record<string, number>>
  /**
   * Seconds since the job that has waited longest was sent. On SQS: since the oldest job without an end was submitted that is found
   * within five requests; jobs whose ids their requesters chose are not looked at. `undefined` when nothing waits, or none is found.
   */
  readonly oldestSeconds: number | undefined
  /** Whether the counts are estimates, as those of SQS are. */
  readonly isApproximate: boolean
}

/** Queues that are looked at at the same time. */
const concurrency = 10

/**
 * Every queue that is there: a `<name>-pending` with a `<name>-dead` beside it, by name.
 * @throws RemoteJobError `NO_CREDENTIALS`, `ACCESS_DENIED`, `UNAVAILABLE`; `NOT_FOUND` for a local directory that holds no queues
 */
export async function queues(options: AdminOptions = {}): Promise<readonly QueueOverview[]> {
  return administer(options, async (desk) => {
    const names = ours(await desk.administration.queueNames(options))
    const found = await forEachOf(names, concurrency, (name) => overview(desk, name, options))
    // One that was removed a moment ago is none.
    return found.filter((one) => one !== undefined)
  })
}

/**
 * What one queue holds.
 * @throws RemoteJobError `NOT_FOUND` when there is no such queue, and what `queues` throws
 */
export async function queue(name: string, options: AdminOptions = {}): Promise<QueueOverview> {
  settingsFrom(name, options)
  const found = await administer(options, (desk) => overview(desk, name, options))
  if (found) return found
  throw new RemoteJobError(
    'NOT_FOUND',
    `There is no queue "${name}" (no "${statusQueueName(name, 'pending')}"): check its name, the region and the account, or make it with \`provision\``,
  )
}

function ours(all: readonly string[]): string[] {
  const there = new Set(all)
  const names = all.filter((name) => name.endsWith('-pending')).map((name) => name.slice(0, -'-pending'.length))
  return names.filter((name) => there.has(deadLetterQueueName(name))).toSorted()
}

async function overview(desk: Desk, name: string, options: AdminOptions): Promise<QueueOverview | undefined> {
  const statuses = ['completed', 'failed'].filter((status) => options.statuses?.includes(status) ?? true)
  const [pending, dead, ...ended] = await Promise.all(
    [
      statusQueueName(name, 'pending'),
      deadLetterQueueName(name),
      ...statuses.map((one) => statusQueueName(name, one)),
    ].map((queue) => desk.administration.counts(queue, options)),
  )
  if (!pending) return undefined
  const announced = statuses.flatMap((status, index) => {
    const counts = ended[index]
    return counts ? [[status, totalOf(counts)] as const] : []
  })
  const { waiting, delayed, inFlight } = pending
  return {
    name,
    waiting,
    delayed,
    inFlight,
    dead: dead ? totalOf(dead) : 0,
    announced: Object.fromEntries(announced),
    oldestSeconds: await ageOf(desk, name, pending, options),
    isApproximate: desk.administration.isApproximate,
  }
}

const totalOf = ({ waiting, delayed, inFlight }: MessageCounts): number => waiting + delayed + inFlight

async function ageOf(
  desk: Desk,
  name: string,
  { waiting, oldestWaiting }: MessageCounts,
  options: AdminOptions,
): Promise<number | undefined> {
  if (waiting === 0) return undefined
  const oldest = oldestWaiting ?? (await oldestUnended(desk.backend, name, options).catch(unlessHidden))
  return oldest && Math.max(0, Date.now() - oldest.getTime()) / 1000
}

/** A bucket of another name, or one that may not be listed, is no reason to tell nothing. */
function unlessHidden(error: unknown): undefined {
  const hidden = ['NOT_FOUND', 'ACCESS_DENIED', 'INVALID_ARGUMENT', 'WRONG_REGION']
  if (isRemoteJobError(error) && hidden.includes(error.code)) return undefined
  throw error
}
