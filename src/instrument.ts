import { channel } from 'node:diagnostics_channel'

/** What can be watched, each on the `node:diagnostics_channel` called `remotejob:<name>`. */
export const eventNames = [
  'received',
  'started',
  'heartbeat',
  'retrying',
  'completed',
  'failed',
  'superseded',
  'released',
  'lost',
  'error',
] as const
export type WorkerEventName = (typeof eventNames)[number]

/** Something that happened in a worker. */
export interface WorkerEvent {
  readonly name: WorkerEventName
  readonly queue: string
  readonly jobId?: string | undefined
  /** From 1. */
  readonly attempt?: number | undefined
  /** What went wrong, in `retrying`, `failed`, `superseded`, `released`, `lost` and `error`. */
  readonly error?: unknown
  /** Seconds until the next try, in `retrying` and `error`. */
  readonly delaySeconds?: number | undefined
  /** Seconds that the handler took, in what ends an attempt. */
  readonly seconds?: number | undefined
}

const channels = Object.fromEntries(eventNames.map((name) => [name, channel(`remotejob:${name}`)]))

/** Tells whoever subscribed; costs next to nothing where nobody did. */
export function publish(event: WorkerEvent): void {
  const subscribed = channels[event.name]
  if (subscribed?.hasSubscribers) subscribed.publish(event)
}
