import { setTimeout as wait } from 'node:timers/promises'
import type { PutOptions, Written } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { reasonOf } from './failure.ts'
import { putBytes } from './put.ts'

/** Tries of a write that S3 leaves undecided (409), about 5 seconds in all. */
const maxTries = 8

/**
 * Writes an object unless there is one. 412: somebody has it, who may be ourselves when an answer was lost and the SDK asked again;
 * the caller tells by what it wrote. 409: undecided, so ask again.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putIfAbsent(
  bucket: Bucket,
  key: string,
  body: Uint8Array,
  options: Omit<PutOptions, 'size'>,
): Promise<Written | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await putBytes(bucket, key, body, options, { IfNoneMatch: '*' })
    } catch (error) {
      const reason = reasonOf(error)
      if (reason === 'precondition') return undefined
      if (reason === 'unsupported') throw conditionalWritesRefused(bucket.name, error)
      if (reason !== 'conflict' || tries === maxTries) throw error
    }
    await pause(tries, options.signal)
  }
}

/** The store does not know conditional writes. */
function conditionalWritesRefused(bucket: string, cause: unknown): RemoteJobError {
  return new RemoteJobError(
    'CONDITIONAL_WRITES_IGNORED',
    `The store of bucket "${bucket}" refuses conditional writes (If-None-Match), which keep a job's result from being written twice; use Amazon S3 or another that has them`,
    { cause },
  )
}

/** Exponential, from 25 ms to 3 s, with jitter so that those who collided do not meet again. */
async function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.min(3_000, 50 * 2 ** (tries - 1))
  try {
    await wait(most * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}
