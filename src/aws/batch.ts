import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs'
import type { Fate } from './batcher.ts'

/** What SQS answers to a batch, of whatever kind. */
interface BatchAnswer {
  readonly Failed?: readonly BatchResultErrorEntry[] | undefined
}

/** Entries as SQS wants them: each with an id that means something in its batch only. Job ids are no good for it. */
export function numbered<Entry extends object>(entries: readonly Entry[]): (Entry & { readonly Id: string })[] {
  return entries.map((entry, index) => ({ Id: String(index), ...entry }))
}

/**
 * The fate of each entry. One that SQS itself failed at is made up for by `again`, a request of its own with the SDK's retries;
 * one at fault itself fails, and no other with it.
 */
export async function fatesFrom(
  { Failed = [] }: BatchAnswer,
  count: number,
  again: (index: number) => Promise<void>,
  translate: (error: Error) => unknown,
): Promise<readonly Fate[]> {
  const fates: Fate[] = Array.from({ length: count }, () => undefined)
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
