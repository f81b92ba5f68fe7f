/** Objects that go some days after they were written. */
export interface Expiry {
  /** What their keys begin with, the queue's prefix included. */
  readonly prefix: string
  /** Whole days after the last write. */
  readonly days: number
}

/** What is of no use once nobody asks for the job any more. */
const passing = ['assets/', 'history/', 'inputs/', 'live/', 'logs/', 'metadata/', 'stored/'] as const
/** What keeps a late message from running its job again. */
const lasting = ['claims/', 'results/'] as const

/** Days from the retention of inputs to that of fates: a message lives for 14, and may have been sent anew after 14 more. */
const longerDays = 30
/** Days that a job may be delayed after its input is written: less than one, and S3 counts whole ones. */
const delayDays = 1

/**
 * What goes when, for a queue whose jobs are kept for `retentionDays` from the moment they could first be taken.
 * @param prefix The queue's own, empty or ending in `/`
 */
export function expiriesOf(prefix: string, retentionDays: number): readonly Expiry[] {
  const days = retentionDays + delayDays
  return [
    ...passing.map((folder) => ({ prefix: `${prefix}${folder}`, days })),
    ...lasting.map((folder) => ({ prefix: `${prefix}${folder}`, days: days + longerDays })),
  ]
}
