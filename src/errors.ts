/**
 * Every `code` an error of this library can carry. Each is explained in `docs/reference/errors.md`.
 */
export const errorCodes = [
  'ACCESS_DENIED',
  'ALREADY_SETTLED',
  'BODY_FAILED',
  'BUCKET_TAKEN',
  'CLOSED',
  'CONDITIONAL_WRITES_IGNORED',
  'CONFLICT',
  'CRASHED',
  'ID_IN_USE',
  'INPUT_CHANGED',
  'INVALID_ARGUMENT',
  'JOB_CANCELLED',
  'JOB_EXPIRED',
  'JOB_FAILED',
  'JOB_NOT_FOUND',
  'LEASE_LOST',
  'LOST',
  'MALFORMED_MESSAGE',
  'NO_CREDENTIALS',
  'NOT_FOUND',
  'OUT_OF_SPACE',
  'RESULT_EXPIRED',
  'TIMED_OUT',
  'UNAVAILABLE',
  'UNKNOWN_STATUS',
  'UNSUPPORTED',
  'WRONG_REGION',
] as const

/** What went wrong, as a constant to branch on. */
export type ErrorCode = (typeof errorCodes)[number]

/** Marks our errors across duplicate installs of the package, where `instanceof` fails. */
const brand = Symbol.for('remotejob.error')

/** Every error this library throws: a `code` to branch on, a message that says what to do, and the `cause`. */
export class RemoteJobError extends Error {
  override readonly name: string = 'RemoteJobError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether `value` is an error of this library, whichever copy of it threw. */
export function isRemoteJobError(value: unknown): value is RemoteJobError {
  return typeof value === 'object' && value !== null && brand in value
}

/** Whether `value` is an error of this library with that `code`. */
export function hasCode(value: unknown, code: ErrorCode): value is RemoteJobError {
  return isRemoteJobError(value) && value.code === code
}
