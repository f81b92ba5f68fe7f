import type { S3Client } from '@aws-sdk/client-s3'
import type { SQSClient } from '@aws-sdk/client-sqs'

type Strategy = Awaited<ReturnType<S3Client['config']['retryStrategy']>>

/**
 * Lets answers count that the SDK takes for failures. Each retry costs the client some of a fixed quota, which comes back with the
 * answer, but not with a 404 or 412; those are the usual answers to our questions, so a few dozen broken connections in a process's
 * whole life would use the quota up, and nothing would be tried again from then on.
 */
export function countAnswers<Client extends S3Client | SQSClient>(client: Client): Client {
  const { config } = client
  const original = config.retryStrategy
  let counting: Promise<Strategy> | undefined
  config.retryStrategy = () => (counting ??= original().then(countingAnswers))
  return client
}

function countingAnswers(strategy: Strategy): Strategy {
  if (!('refreshRetryTokenForRetry' in strategy)) return strategy
  return {
    acquireInitialRetryToken: (scope) => strategy.acquireInitialRetryToken(scope),
    refreshRetryTokenForRetry(token, failure) {
      if (failure.errorType === 'CLIENT_ERROR') strategy.recordSuccess(token)
      return strategy.refreshRetryTokenForRetry(token, failure)
    },
    recordSuccess: (token) => strategy.recordSuccess(token),
  }
}
