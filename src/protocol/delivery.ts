import type { Delivery } from '../backend.ts'
import { type Foreign, fromNotification, fromVersion2, type Home, isNotification, isVersion2 } from './foreign.ts'
import { isId } from './id.ts'
import { isJsonObject, parseJson } from './json.ts'
import { type JobMessage, messageVersion, parseMessage } from './message.ts'

/** What a delivery turns out to be. */
export type Reading =
  | ({ readonly kind: 'job'; readonly message: JobMessage } & Envelope)
  /** Several jobs in one message: each goes on as a message of its own. */
  | { readonly kind: 'several'; readonly messages: readonly JobMessage[] }
  /** Nothing to do, and nothing wrong. */
  | { readonly kind: 'nothing' }
  /** For another time, or for others: written by a newer version of the library, or what it needs cannot be had now. */
  | { readonly kind: 'later'; readonly base: number }
  | { readonly kind: 'malformed'; readonly reason: string }

/** What the attributes of a job's message say, and its body does not. */
export interface Envelope {
  /** Deliveries of the messages that stood for the job before this one. */
  readonly base: number
  /** The mark of the worker that the message stands for: it has the job, and no message. */
  readonly owner: string | undefined
  /** Whether it was sent in the place of another. */
  readonly isReplacement: boolean
  /** Whether whoever tidied up sent it again, not knowing whether somebody works on the job. */
  readonly isResent: boolean
}

/** Reads a delivery: a message of ours, of remotejob 2, of S3, or none of these. */
export function readDelivery(delivery: Delivery, home: Home): Reading {
  const body = parseJson(delivery.body)
  if (!isJsonObject(body)) return malformed('it is not a JSON object')
  const { v } = body
  if (v === messageVersion) return ofOurs(parseMessage(body), delivery)
  if (Number.isInteger(v) && Number(v) > messageVersion) return { kind: 'later', base: baseOf(delivery) }
  if (isNotification(body)) return ofOthers(fromNotification(body, home), delivery)
  if (isVersion2(body)) return ofOthers(fromVersion2(body, delivery.messageId, home), delivery)
  return malformed('it is no job of remotejob 2 or 3 and no S3 notification')
}

function ofOurs(message: JobMessage | { readonly flaw: string }, delivery: Delivery): Reading {
  if ('flaw' in message) return malformed(message.flaw)
  const { id, base, owner, again } = delivery.attributes
  return {
    kind: 'job',
    message: isId(id) ? { ...message, id } : message,
    base: baseOf(delivery),
    owner: owner !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(owner) ? owner : undefined,
    isReplacement: base !== undefined || again !== undefined,
    isResent: again !== undefined,
  }
}

function ofOthers(messages: Foreign, delivery: Delivery): Reading {
  if ('flaw' in messages) return malformed(messages.flaw)
  const [first, ...more] = messages
  if (!first) return { kind: 'nothing' }
  return more.length > 0 ? { kind: 'several', messages } : ofOurs(first, delivery)
}

/** Deliveries of the messages that stood for a message before it, as its attributes say. */
export function baseOf({ attributes }: Delivery): number {
  const base = attributes['base'] ?? ''
  return /^\d{1,9}$/.test(base) ? Number(base) : 0
}

/** What is no job, and why. */
export function malformed(flaw: string): Extract<Reading, { kind: 'malformed' }> {
  return { kind: 'malformed', reason: `The message cannot be read as a job: ${flaw}` }
}
