import { setTimeout as wait } from 'node:timers/promises'
import { reasonOf } from './failure.ts'

/** Tries, half a second apart. */
const maxTries = 20

/**
 * Asks for a queue again while SQS does not know it yet: one that was just made may take a second to be there.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 */
export async function onceVisible<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (reasonOf(error) !== 'no-queue' || tries === maxTries) throw error
    }
    await wait(500)
  }
}
