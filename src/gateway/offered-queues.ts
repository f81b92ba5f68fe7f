import { type QueueOverview, queues } from '../admin/queues.ts'
import { hasCode } from '../errors.ts'
import type { House } from './house.ts'
import { placeOf } from './place-of.ts'

/** What the queues hold that are offered, by name. In a folder that nothing was put into yet there are none. */
export async function offeredQueues(
  { options, queues: open }: House,
  signal: AbortSignal,
): Promise<readonly QueueOverview[]> {
  try {
    const found = await queues({ ...placeOf(options), signal })
    return found.filter(({ name }) => open.offers(name))
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return []
    throw error
  }
}
