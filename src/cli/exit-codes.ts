import type { ErrorCode } from '../errors.ts'

/** What the command's exit status says; scripts rely on it, so a number never changes its meaning. */
export const exitCodes = {
  ok: 0,
  /** Something went wrong that has no status of its own, or `doctor` found something. */
  error: 1,
  /** The command line, a setting or the configuration file is not right. */
  usage: 2,
  /** A job, a queue, a bucket or a file is not there. */
  notFound: 3,
  /** No credentials, wrong ones, or ones that may not do this. */
  denied: 4,
  /** The server cannot be reached, or does not answer. */
  unavailable: 5,
  /** No space is left where something had to be written. */
  noSpace: 6,
  /** What was waited for did not come in time. */
  timedOut: 7,
  /** Somebody else was first: the id, the name, the bucket or the end of the job is taken, or what was to be changed changed. */
  taken: 8,
  jobFailed: 10,
  jobCancelled: 11,
  jobExpired: 12,
  /** Ended by Ctrl-C or SIGTERM before it was done (128 + SIGINT, as shells count). */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit status for each code of the library's errors. */
export const exitCodeOf = {
  ACCESS_DENIED: exitCodes.denied,
  ALREADY_SETTLED: exitCodes.taken,
  BODY_FAILED: exitCodes.error,
  BUCKET_TAKEN: exitCodes.taken,
  CLOSED: exitCodes.interrupted,
  CONDITIONAL_WRITES_IGNORED: exitCodes.error,
  CONFLICT: exitCodes.taken,
  CRASHED: exitCodes.jobFailed,
  ID_IN_USE: exitCodes.taken,
  INPUT_CHANGED: exitCodes.error,
  INVALID_ARGUMENT: exitCodes.usage,
  JOB_CANCELLED: exitCodes.jobCancelled,
  JOB_EXPIRED: exitCodes.jobExpired,
  JOB_FAILED: exitCodes.jobFailed,
  JOB_NOT_FOUND: exitCodes.notFound,
  LEASE_LOST: exitCodes.error,
  LOST: exitCodes.error,
  MALFORMED_MESSAGE: exitCodes.error,
  NO_CREDENTIALS: exitCodes.denied,
  NOT_FOUND: exitCodes.notFound,
  OUT_OF_SPACE: exitCodes.noSpace,
  RESULT_EXPIRED: exitCodes.notFound,
  TIMED_OUT: exitCodes.timedOut,
  UNAVAILABLE: exitCodes.unavailable,
  UNKNOWN_STATUS: exitCodes.usage,
  UNSUPPORTED: exitCodes.usage,
  WRONG_REGION: exitCodes.usage,
} as const satisfies Record<ErrorCode, ExitCode>

/** Sentences for the documentation: what each status means. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'It worked.'],
  [exitCodes.error, 'Something went wrong that has no status of its own, or `doctor` found something wrong.'],
  [exitCodes.usage, 'The command line, a `REMOTEJOB_…` variable or the configuration file is not right.'],
  [exitCodes.notFound, 'A job, a queue, a bucket or a file is not there or cannot be read.'],
  [exitCodes.denied, 'There are no credentials, or they may not do this.'],
  [exitCodes.unavailable, 'The server cannot be reached, or does not answer.'],
  [exitCodes.noSpace, 'No space is left where something had to be written.'],
  [exitCodes.timedOut, 'What was waited for did not come within `--timeout` or `--wait-timeout`.'],
  [
    exitCodes.taken,
    'Somebody else was first: the id, the name, the bucket or the end of the job is taken, or what was to be changed changed.',
  ],
  [
    exitCodes.jobFailed,
    'The job failed (`result`, `submit --wait`, `retry --wait`), or the run (`jobrun submit --wait`).',
  ],
  [exitCodes.jobCancelled, 'The job was cancelled.'],
  [exitCodes.jobExpired, 'The job expired: no worker started it in time.'],
  [exitCodes.interrupted, 'It was ended by Ctrl-C or SIGTERM before it was done.'],
]
