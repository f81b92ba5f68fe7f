import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs'
import type { AddressedQueue } from './addressed-queue.ts'
import type { Fate } from './batcher.ts'
import { call, type SendOptions } from './call.ts'
import { fromAws } from './errors.ts'
import type { Operation } from './permissions.ts'

/** What SQS answers to a batch, of whatever kind. */
interface BatchAnswer {
  readonly Failed?: readonly BatchResultErrorEntry[] | undefined
}

/** One kind of request, for one entry and for several. */
interface Requests<Entry> {
  readonly one: (entry: Entry) => Promise<void>
  readonly many: (entries: readonly Entry[], http: SendOptions) => Promise<BatchAnswer>
}

/** Entries as SQS wants them: each with an id that means something in its batch only. Job ids are no good for it. */
export function numbered<Entry extends object>(entries: readonly Entry[]): (Entry & { readonly Id: string })[] {
  return entries.map((entry, index) => ({ Id: String(index), ...entry }))
}

/** Sends entries of one kind: one alone by a request of its own, several in one; answers the fate of each. */
export function together<Entry>(
  queue: AddressedQueue,
  operation: Operation,
  { one, many }: Requests<Entry>,
): (entries: readonly Entry[]) => Promise<readonly Fate[]> {
  const doing = queue.doing(operation)
  return async (entries) => {
    const [first] = entries
    if (first === undefined) return []
    if (entries.length === 1) return [await one(first)]
    const answer = await call(doing, {}, (http) => many(entries, http))
    const again = async (index: number): Promise<void> => one(entries[index] ?? first)
    return fatesFrom(answer, entries.length, again, (error) => fromAws(error, doing))
  }
}

/**
 * The fate of each entry. One that SQS itself failed at is made up for by `again`, a request of its own with the SDK's retries;
 * one at fault itself fails, and no other with it.
 */
async function fatesFrom(
  { Failed = [] }: BatchAnswer,
  count: number,
  again: (index: number) => Promise<void>,
  translate: (error: Error) => unknown,
): Promise<readonly Fate[]> {
  const fates: Fate[] = Array.from({ length: count })
  if (Failed.length === 0) return fates
  await Promise.all(
    Failed.map(async (failed) => {
      const index = Number(failed.Id)
      fates[index] = failed.SenderFault
        ? translate(errorFrom(failed))
        : await again(index).catch((error: unknown) => error)
    }),
  )
  return fates
}

/** As the SDK would have thrown it, had the entry been a request of its own. */
function errorFrom({ Code = 'Error', Message = '' }: BatchResultErrorEntry): Error {
  return Object.assign(new Error(Message), { name: Code })
}
