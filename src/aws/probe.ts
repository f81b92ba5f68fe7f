import { RemoteJobError, hasCode } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import { putIfAbsent } from './put-if-absent.ts'

/** Always the same, so that a bucket holds one of it. */
export const probeKey = 'probe/if-none-match'

/**
 * Makes sure that the store keeps `If-None-Match`, on which every job's fate rests. One who may not write this key goes on
 * without an answer.
 * @throws RemoteJobError `CONDITIONAL_WRITES_IGNORED`
 */
export async function probe(bucket: Bucket): Promise<void> {
  if (!(await writes(bucket)) || !(await writes(bucket))) return
  throw new RemoteJobError(
    'CONDITIONAL_WRITES_IGNORED',
    `The store of bucket "${bucket.name}" ignores conditional writes (If-None-Match): it wrote "${probeKey}" twice, so it could also record two outcomes of one job. Use Amazon S3 or another store that has them`,
  )
}

async function writes(bucket: Bucket): Promise<boolean> {
  try {
    return (
      (await putIfAbsent(
        bucket,
        probeKey,
        Buffer.from('remotejob asks this store whether it writes a key twice'),
        {},
      )) !== undefined
    )
  } catch (error) {
    if (hasCode(error, 'ACCESS_DENIED')) return false
    throw error
  }
}
