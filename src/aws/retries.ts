import type { S3Client } from '@aws-sdk/client-s3'
import type { SQSClient } from '@aws-sdk/client-sqs'

type Strategy = Awaited<ReturnType<S3Client['config']['retryStrategy']>>

/**
 * Corrects when the SDK tries again:
 * - Each retry costs the client some of a fixed quota, which comes back with the answer, but not with a 404 or 412. Those are the
 *   usual answers to our questions, so a few dozen broken connections in a process's whole life would use the quota up, and nothing
 *   would be tried again from then on.
 * - A client that was destroyed would go on: the long poll that was out would begin anew, and take jobs that nobody waits for.
 */
export function tuneRetries<Client extends S3Client | SQSClient>(client: Client, isClosed: () => boolean): Client {
  const { config } = client
  const original = config.retryStrategy
  let tuned: Promise<Strategy> | undefined
  config.retryStrategy = () => (tuned ??= original().then((strategy) => tune(strategy, isClosed)))
  return client
}

function tune(strategy: Strategy, isClosed: () => boolean): Strategy {
  if (!('refreshRetryTokenForRetry' in strategy)) return strategy
  return {
    acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
    async refreshRetryTokenForRetry(token, failure) {
      if (failure.errorType === 'CLIENT_ERROR') strategy.recordSuccess(token)
      const next = isClosed() ? undefined : await strategy.refreshRetryTokenForRetry(token, failure)
      if (next && !isClosed()) return next
      // Whoever asked is told of the failure, not of this.
      throw new Error('This client is closed')
    },
    recordSuccess: (token) => strategy.recordSuccess(token),
  }
}
