import type { JsonObject } from '../../protocol/json.ts'
import { type JobMessage, messageVersion } from '../../protocol/message.ts'
import type { ObjectEvent } from '../../protocol/object-event.ts'

/** An event and the subscription that it is for: a job of its own, which makes the run. */
export interface EventJobId {
  readonly eventId: string
  readonly subscription: string
}

/** Tries of making a run, where not even the reason for a failure can be told apart from others. */
const attempts = 1000

/** No run's name begins with `_`. */
const eventJobId = ({ eventId, subscription }: EventJobId): string => `run._event.${eventId}.${subscription}`

/** The event that a job's id names. */
export function parseEventJobId(id: string): EventJobId | undefined {
  const match = /^run\._event\.([0-9a-f]{40})\.([a-z0-9-]{1,63})$/.exec(id)
  return match ? { eventId: match[1] ?? '', subscription: match[2] ?? '' } : undefined
}

/** The message that has a run made: one id for one event and subscription, so that what comes twice is one job. */
export function eventMessage(event: ObjectEvent, subscription: string): JobMessage {
  return {
    v: messageVersion,
    id: eventJobId({ eventId: event.id, subscription }),
    metadata: { event: plain(event) },
    attempts,
    submittedAt: Date.now(),
    group: subscription,
  }
}

/** What JSON leaves out is left out. */
function plain(event: ObjectEvent): JsonObject {
  const members = Object.entries(event).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members)
}
