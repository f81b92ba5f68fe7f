import { hasCode, isRemoteJobError } from '../../errors.ts'
import { JobFailedError } from '../../lifecycle/job-failed-error.ts'
import type { JobResult } from '../../lifecycle/job-result.ts'
import type { Queue } from '../../queue.ts'
import type { GatewayContext } from '../gateway-env.ts'
import type { House } from '../house.ts'

/**
 * Waits for a job's end, whichever, for at most so many seconds, or until the gateway closes. Resolves how it ended; `undefined` when
 * it has not, or when nobody waits (`seconds` undefined).
 * @throws RemoteJobError `JOB_NOT_FOUND`, `RESULT_EXPIRED`
 */
export async function untilEnd(
  c: GatewayContext,
  house: House,
  queue: Queue,
  id: string,
  seconds: number | undefined,
): Promise<JobResult | undefined> {
  if (seconds === undefined) return undefined
  const signal = AbortSignal.any([c.req.raw.signal, house.closing])
  try {
    return await queue.result(id, { timeoutSeconds: seconds, signal })
  } catch (error) {
    if (hasCode(error, 'TIMED_OUT') || house.closing.aborted) return undefined
    if (error instanceof JobFailedError) return error.result
    if (isRemoteJobError(error) && ['JOB_CANCELLED', 'JOB_EXPIRED'].includes(error.code))
      return (await queue.inspect(id, { signal }))?.result
    throw error
  }
}
