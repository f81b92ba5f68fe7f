import { createHash } from 'node:crypto'
import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import type { Job } from '../../job.ts'
import { UnrecoverableError } from '../../job-errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { eventFrom, type ObjectEvent } from '../../protocol/object-event.ts'
import { startRun } from '../arrays/start-run.ts'
import { mergeEnvironment } from '../definition/environment-entry.ts'
import type { Jobs } from '../stored/jobs.ts'
import type { EventJobId } from './event-jobs.ts'
import { eventEnvironment } from './event-environment.ts'
import { fits, type Subscription } from './subscription.ts'

/** What a run is made with. */
export interface EventContext extends Cancellable {
  readonly w: Workspace
  readonly subscriptions: { find(name: string, options: Cancellable): Promise<Subscription | undefined> }
  readonly jobs: Pick<Jobs, 'get'>
}

/** Seconds between two looks for a job that is not there yet: a quarter of the event's age, between these. */
const shortestWait = 2
const longestWait = 900

/**
 * Makes the run of an event: its name and its mark come from the event and the subscription, so that whoever does it again finds it made.
 * Until the job is there the event waits, and costs no try.
 * @returns The run's name, or nothing where no run is wanted any more
 */
export async function makeEventRun(job: Job, id: EventJobId, context: EventContext): Promise<string | undefined> {
  const { w, subscriptions, jobs, signal } = context
  const event = eventFrom(job.metadata['event'])
  if (event?.id !== id.eventId)
    throw new UnrecoverableError(`Job "${job.id}" is of an event, and has none that can be read`)
  const subscription = await subscriptions.find(id.subscription, { signal })
  // Deleted or changed meanwhile: it is as it is now.
  if (!subscription || !fits(subscription, event)) return undefined
  const stored = await jobs.get(subscription.destination, { signal })
  if (!stored) {
    await job.release({ counted: false, delaySeconds: waitFor(job), error: new Error(absent(subscription)) })
    return undefined
  }
  const { name, uid } = runOf(id, subscription.destination)
  const told = await withType(w, event, { signal })
  const { definition } = stored
  const environment = mergeEnvironment(definition.environment, eventEnvironment(told, subscription.extensions))
  const run = { v: 1, name, uid, job: subscription.destination, submittedAt: Date.now() } as const
  if (await startRun(w, { ...run, definition: { ...definition, environment } }, { signal })) return name
  throw new UnrecoverableError(`The name "${name}" is taken by a run that is not of this event`)
}

/** Why a subscription's events wait. */
export function absent({ destination }: Subscription): string {
  return `There is no job "${destination}": its events wait until it is created`
}

function waitFor({ submittedAt }: Job): number {
  const age = (Date.now() - (submittedAt?.getTime() ?? Date.now())) / 1000
  return Math.min(longestWait, Math.max(shortestWait, Math.round(age / 4)))
}

function runOf(
  { eventId, subscription }: EventJobId,
  destination: string,
): { readonly name: string; readonly uid: string } {
  const hash = createHash('sha256').update(`${eventId}.${subscription}`).digest('hex')
  return { name: `${destination.slice(0, 30)}-event-${hash.slice(0, 16)}`, uid: hash.slice(16, 32) }
}

/** S3 does not say of what type an object is; one that is gone again, or that may not be looked at, has none that is known. */
async function withType(w: Workspace, event: ObjectEvent, options: Cancellable): Promise<ObjectEvent> {
  if (event.kind === 'delete' || event.contentType !== undefined) return event
  try {
    const events = await w.events()
    const { contentType } = (await events.head(event.bucket, event.key, options)) ?? {}
    return { ...event, contentType }
  } catch (error) {
    if (hasCode(error, 'ACCESS_DENIED') || hasCode(error, 'NOT_FOUND') || hasCode(error, 'UNSUPPORTED')) return event
    throw error
  }
}
