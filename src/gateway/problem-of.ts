import { type ErrorCode, isRemoteJobError } from '../errors.ts'
import { Problem } from './problem.ts'

/** Whose message is for the caller, and what its status is. What is not among them is the gateway's own trouble. */
const statuses: Partial<Readonly<Record<ErrorCode, number>>> = {
  ALREADY_SETTLED: 409,
  BODY_FAILED: 400,
  CONFLICT: 409,
  ID_IN_USE: 409,
  INPUT_CHANGED: 410,
  INVALID_ARGUMENT: 400,
  JOB_CANCELLED: 409,
  JOB_EXPIRED: 410,
  JOB_FAILED: 409,
  JOB_NOT_FOUND: 404,
  LOST: 410,
  NOT_FOUND: 404,
  RESULT_EXPIRED: 410,
  UNKNOWN_STATUS: 404,
  UNSUPPORTED: 501,
}

/** Trouble between the gateway and what is behind it: the caller learns of it, not of the details. */
const behind: Partial<Readonly<Record<ErrorCode, readonly [status: number, detail: string]>>> = {
  ACCESS_DENIED: [
    502,
    'The gateway may not do that with its own rights: whoever runs it can find out with `remotejob doctor`',
  ],
  BUCKET_TAKEN: [502, 'The gateway cannot use its bucket: whoever runs it can find out with `remotejob doctor`'],
  CLOSED: [503, 'The gateway is ending: try again at once, at another one'],
  CONDITIONAL_WRITES_IGNORED: [
    502,
    'The gateway cannot use its store: whoever runs it can find out with `remotejob doctor`',
  ],
  MALFORMED_MESSAGE: [502, 'What is kept of that cannot be read'],
  NO_CREDENTIALS: [502, 'The gateway has no credentials: whoever runs it can find out with `remotejob doctor`'],
  OUT_OF_SPACE: [507, 'There is no space left for that'],
  TIMED_OUT: [504, 'That took too long: try again'],
  UNAVAILABLE: [503, 'The store or the queues cannot be reached now: try again'],
  WRONG_REGION: [502, 'The gateway looks in the wrong region: whoever runs it can find out with `remotejob doctor`'],
}

/** What a caller is told of an error; `undefined` where that is nothing but that there was one. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (!isRemoteJobError(error)) return undefined
  const { code, message, cause } = error
  // What ended a body that was read may say more than that it broke off.
  if (code === 'BODY_FAILED' && cause instanceof Problem) return cause
  const status = statuses[code]
  if (status !== undefined) return new Problem(status, message, { code, cause: error })
  const [trouble, detail] = behind[code] ?? []
  if (trouble === undefined || detail === undefined) return undefined
  const headers = trouble === 503 ? { 'Retry-After': '5' } : {}
  return new Problem(trouble, detail, { code, headers, cause: error })
}
