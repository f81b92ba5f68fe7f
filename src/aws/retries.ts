import type { S3Client } from '@aws-sdk/client-s3'
import type { SQSClient } from '@aws-sdk/client-sqs'

type Strategy = Awaited<ReturnType<S3Client['config']['retryStrategy']>>

/** What the SDK's own strategy does not know. */
interface Tuning {
  readonly isClosed: () => boolean
  /** How often one request may go unanswered and be made again. */
  readonly silences: number
}

/**
 * Corrects when the SDK tries again:
 * - Each retry costs the client some of a fixed quota, which comes back with the answer, but not with a 404 or 412. Those are the
 *   usual answers to our questions, so a few dozen broken connections in a process's whole life would use the quota up, and nothing
 *   would be tried again from then on.
 * - A client that was destroyed would go on: the long poll that was out would begin anew, and take jobs that nobody waits for.
 * - A server that never answers would cost as many timeouts as there are tries, minutes in all.
 */
export function tuneRetries<Client extends S3Client | SQSClient>(client: Client, tuning: Tuning): Client {
  const { config } = client
  const original = config.retryStrategy
  let tuned: Promise<Strategy> | undefined
  config.retryStrategy = () => (tuned ??= original().then((strategy) => tune(strategy, tuning)))
  return client
}

function tune(strategy: Strategy, { isClosed, silences }: Tuning): Strategy {
  if (!('refreshRetryTokenForRetry' in strategy)) return strategy
  /** Unanswered so far, by the token of the request's next try. */
  const unanswered = new WeakMap<object, number>()
  return {
    acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
    async refreshRetryTokenForRetry(token, failure) {
      if (failure.errorType === 'CLIENT_ERROR') strategy.recordSuccess(token)
      const count = (unanswered.get(token) ?? 0) + (isSilence(failure.error) ? 1 : 0)
      const mayGoOn = !isClosed() && count <= silences
      const next = mayGoOn ? await strategy.refreshRetryTokenForRetry(token, failure) : undefined
      // Whoever asked is told of the failure, not of this.
      if (!next || isClosed()) throw new Error('It is not tried again')
      unanswered.set(next, count)
      return next
    },
    recordSuccess: (token) => strategy.recordSuccess(token),
  }
}

/** Whether nothing came in time. The SDK gives broken connections the same name, but leaves them Node's code. */
function isSilence(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'TimeoutError') return false
  return !('code' in error) || error.code === 'ETIMEDOUT'
}
