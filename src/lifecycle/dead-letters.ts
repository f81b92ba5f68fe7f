import type { Cancellable, Delivery } from '../backend.ts'
import { type Reading, readDelivery } from '../protocol/delivery.ts'
import type { Workspace } from './workspace.ts'

/** A message that no worker could do anything with, or that was delivered too often. */
export interface DeadLetter {
  /** The job's id; `undefined` when the message is none. */
  readonly id: string | undefined
  /** Why it is here. */
  readonly reason: string
  /** How often it was delivered. */
  readonly deliveries: number
  readonly sentAt: Date
  /** The message as it was sent. */
  readonly body: string
}

/** A dead letter in hand, with what it turns out to be. */
export interface DeadDelivery {
  readonly letter: DeadLetter
  readonly delivery: Delivery
  readonly reading: Reading
}

/** Whole seconds for which a dead letter is kept from others while it is looked at. */
const lookSeconds = 60

/**
 * Every dead letter once, as far as SQS shows them: it has no listing, so each is received, and what `use` does not settle is given
 * back at the end.
 */
export async function* takeDeadLetters(w: Workspace, { signal }: Cancellable = {}): AsyncGenerator<DeadDelivery> {
  const taken = new Map<string, string>()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const deliveries = await w.deadLetters.receive({ max: 10, waitSeconds: 1, leaseSeconds: lookSeconds })
      const fresh = deliveries.filter(({ messageId }) => !taken.has(messageId))
      for (const { messageId, receipt } of deliveries) taken.set(messageId, receipt)
      // What is seen a second time was looked at for longer than its lease: the round is over.
      if (fresh.length === 0) return
      yield* fresh.map((delivery) => ({ delivery, ...readLetter(w, delivery) }))
    }
  } finally {
    await Promise.allSettled([...taken.values()].map((receipt) => w.deadLetters.extend(receipt, 0)))
  }
}

/** `queue.deadLetters`: what is in the dead-letter queue, left where it is. */
export async function* deadLetters(w: Workspace, options?: Cancellable): AsyncGenerator<DeadLetter> {
  for await (const { letter } of takeDeadLetters(w, options)) yield letter
}

function readLetter(w: Workspace, delivery: Delivery): { letter: DeadLetter; reading: Reading } {
  const reading = readDelivery(delivery, w.home)
  const base = reading.kind === 'job' ? reading.base : 0
  const deliveries = delivery.receiveCount - 1 + base
  const letter = {
    id: reading.kind === 'job' ? reading.message.id : undefined,
    reason: delivery.attributes['reason'] ?? 'It was delivered too often without an end',
    deliveries: Math.max(0, deliveries),
    sentAt: delivery.sentAt,
    body: delivery.body,
  }
  return { letter, reading }
}
