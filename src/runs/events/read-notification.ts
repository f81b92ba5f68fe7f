import type { Delivery } from '../../backend.ts'
import { toDeadLetters } from '../../lifecycle/poison.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { baseOf, malformed, type Reading } from '../../protocol/delivery.ts'
import { isNotification } from '../../protocol/foreign.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import { isOwnObject, parseEvent } from '../../protocol/object-event.ts'
import { eventMessage } from './event-jobs.ts'
import { fits, type Subscription } from './subscription.ts'

/**
 * From an S3 notification to a job for each event in it and each subscription that the event is for; `undefined` for any other message.
 * A record that is no event keeps no other one from its run.
 * @param subscriptions All there are, read after the notification came
 */
export async function readNotification(
  w: Workspace,
  delivery: Delivery,
  subscriptions: () => Promise<readonly Subscription[]>,
): Promise<Reading | undefined> {
  const records = recordsIn(delivery)
  if (!records) return undefined
  const events = records.map((record) => ({ record, event: parseEvent(record) }))
  const flawed = events.flatMap(({ record, event }) =>
    event && 'flaw' in event ? [{ record, ...malformed(event.flaw) }] : [],
  )
  const good = events.flatMap(({ event }) => (event && 'id' in event && !isOwnObject(event, w.home) ? [event] : []))
  const [first] = flawed
  if (first && good.length === 0) return first
  try {
    const all = good.length === 0 ? [] : await subscriptions()
    const messages = good.flatMap((event) =>
      all.filter((one) => fits(one, event)).map(({ name }) => eventMessage(event, name)),
    )
    for (const { record, reason } of flawed) await toDeadLetters(w, JSON.stringify({ Records: [record] }), {}, reason)
    return messages.length === 0 ? { kind: 'nothing' } : { kind: 'several', messages }
  } catch (error) {
    // It is for another time: were it left to its lease, it would soon be taken for poison.
    w.report(error)
    return { kind: 'later', base: baseOf(delivery) }
  }
}

/** The records of a notification; none in the test event that S3 sends when a bucket is told to notify. */
function recordsIn({ body }: Delivery): readonly unknown[] | undefined {
  // Most messages are jobs, which need not be read twice.
  if (!/"(Records|Event)"/.test(body)) return undefined
  const parsed = parseJson(body)
  if (!isJsonObject(parsed) || 'v' in parsed || !isNotification(parsed)) return undefined
  return Array.isArray(parsed['Records']) ? parsed['Records'] : []
}
