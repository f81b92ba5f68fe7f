import { pause } from '../../pause.ts'
import type { Runs, Subscription, SubscriptionChanges, SubscriptionState } from '../../runs.ts'
import { exitCodes } from '../exit-codes.ts'
import { spanText, timeText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import { deleteNamed, type DeleteOptions } from './delete-named.ts'
import { missing } from './missing.ts'
import { withRuns } from './place.ts'
import { spoken } from './spoken.ts'
import { type ExtensionOptions, extensionsFrom } from './subscription-options.ts'

/** Where the runs of a project are; `bucket` and `prefix` mean something else here. */
interface EventsPlace {
  readonly queue: string
  readonly queueBucket?: string | undefined
  readonly queuePrefix?: string | undefined
}

interface Named extends EventsPlace {
  readonly name: string
}

interface SubscriptionOptions extends Named, ExtensionOptions {
  readonly destination?: string | undefined
  readonly eventType?: 'write' | 'delete' | 'all' | undefined
  readonly prefix?: string | undefined
  readonly suffix?: string | undefined
  readonly force?: boolean | undefined
  readonly wait?: boolean | undefined
  readonly waitTimeout: number
}

const kind = { noun: 'subscription', command: 'subscription cos' }

/** Seconds between two looks whether a subscription is ready. */
const lookSeconds = 0.5

/** `remotejob subscription cos create` */
export async function createSubscription(
  session: Session,
  options: SubscriptionOptions & { readonly destination: string; readonly bucket: string },
): Promise<void> {
  const { name, bucket, destination, eventType, prefix, suffix, force } = options
  const extensions = extensionsFrom(options)
  const request = { name, bucket, destination, eventType, prefix, suffix, extensions }
  const state = await spoken(session, `Creating subscription '${name}'...`, () =>
    at(session, options, async (runs) => {
      await runs.subscriptions.create(request, { force })
      return whenReady(runs, options)
    }),
  )
  await printChanged(session, state)
}

/** `remotejob subscription cos update` */
export async function updateSubscription(session: Session, options: SubscriptionOptions): Promise<void> {
  const { name, destination, eventType, prefix, suffix, extension, extensionRm = [], force } = options
  const said = { destination, eventType, prefix, suffix }
  if (![...Object.values(said), extension, extensionRm[0]].some((one) => one !== undefined))
    throw new Problem(
      exitCodes.usage,
      'Nothing is said that changes the subscription: remotejob subscription cos update --help shows what can be',
    )
  const change = ({ extensions }: Subscription): SubscriptionChanges => ({
    ...said,
    extensions: extensionsFrom(options, extensions),
  })
  const update = async (runs: Runs): Promise<SubscriptionState> => {
    await runs.subscriptions.update(name, change, { force })
    return whenReady(runs, options)
  }
  const state = await spoken(session, `Updating subscription '${name}'...`, () => at(session, options, update, 'never'))
  await printChanged(session, state)
}

/** `remotejob subscription cos get` */
export async function getSubscription(session: Session, options: Named): Promise<void> {
  const state = await at(session, options, (runs) => runs.subscriptions.get(options.name), 'never')
  if (!state) throw missing(kind, options.name)
  await session.print({ data: dataOf(state), table: { columns: ['Property', 'Value'], rows: rowsOf(state) } })
}

/** `remotejob subscription cos list` */
export async function listSubscriptions(
  session: Session,
  { sortBy, ...place }: EventsPlace & { readonly sortBy: 'name' | 'age' },
): Promise<void> {
  const all = await at(session, place, (runs) => runs.subscriptions.list(), 'never')
  const sorted = sortBy === 'name' ? all : all.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())
  await session.print({
    data: { subscriptions: sorted.map(dataOf) },
    table: {
      columns: ['Name', 'Age', 'Ready', 'Bucket', 'Event type', 'Prefix', 'Suffix', 'Destination'],
      rows: sorted.map(({ name, updatedAt, ready, bucket, eventType, prefix, suffix, destination }) => [
        name,
        spanText((Date.now() - updatedAt.getTime()) / 1000),
        ready ? 'yes' : 'no',
        bucket,
        eventType,
        prefix,
        suffix,
        `job:${destination}`,
      ]),
    },
  })
  if (all.length === 0) note(session.terminal, 'There are no subscriptions.')
}

/** `remotejob subscription cos delete` */
export async function deleteSubscription(session: Session, options: Named & DeleteOptions): Promise<void> {
  const { name } = options
  const words = { question: `Delete the subscription "${name}"?`, intention: `Deleting subscription '${name}'...` }
  await deleteNamed(session, kind, { ...options, ...words }, () =>
    at(session, options, (runs) => runs.subscriptions.delete(name), 'never'),
  )
}

function at<Result>(
  session: Session,
  { queue, queueBucket: bucket, queuePrefix: prefix }: EventsPlace,
  use: (runs: Runs) => Promise<Result>,
  provision?: 'never',
): Promise<Result> {
  return withRuns(session, { queue, bucket, prefix }, use, provision)
}

/** With --force nothing is waited for but when it is asked for: the job may come whenever it likes. */
async function whenReady(runs: Runs, options: SubscriptionOptions): Promise<SubscriptionState> {
  const { name, force = false, wait = !force, waitTimeout } = options
  const until = Date.now() + (wait ? waitTimeout * 1000 : 0)
  for (;;) {
    const state = await runs.subscriptions.get(name)
    if (!state) throw missing(kind, name)
    if (state.ready || !wait) return state
    if (Date.now() >= until)
      throw new Problem(exitCodes.timedOut, `The subscription "${name}" is not ready: ${state.reason ?? ''}`)
    await pause(lookSeconds)
  }
}

/** Nothing for people to read on standard output but that it is not ready. */
async function printChanged(session: Session, state: SubscriptionState): Promise<void> {
  await session.print({ data: dataOf(state), table: '' })
  if (!state.ready) note(session.terminal, `It is not ready: ${state.reason ?? ''}`)
}

function dataOf({ updatedAt, reason, ...state }: SubscriptionState) {
  return { ...state, extensions: { ...state.extensions }, reason: reason ?? null, updatedAt: updatedAt.toISOString() }
}

function rowsOf(state: SubscriptionState): (readonly string[])[] {
  const { name, bucket, destination, eventType, prefix, suffix, extensions, ready, reason, updatedAt } = state
  const rows: readonly (readonly [string, string])[] = [
    ['Name', name],
    ['Bucket', bucket],
    ['Event type', eventType],
    ['Prefix', prefix],
    ['Suffix', suffix],
    ['Destination', `job:${destination}`],
    ...Object.entries(extensions).map(([key, value]) => ['Extension', `${key}=${value}`] as const),
    ['Ready', ready ? 'yes' : 'no'],
    ['Reason', reason ?? ''],
    ['Changed', timeText(updatedAt) ?? ''],
  ]
  return rows.filter(([, value]) => value !== '')
}
