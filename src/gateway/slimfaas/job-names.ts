/** What SlimFaas calls a function, and so a job, in its own words. */
export const namePattern = /^[a-z0-9_-]{3,30}$/

/** SlimFaas's very answer to a name that is none. */
export const nameRefusal = 'Function name must match pattern [a-z0-9_-] and be between 3 and 30 characters'

/** Between a job's name and what tells its runs apart. */
const infix = '-slimfaas-job-'
/** Characters behind it, of 36 kinds. */
const digits = 8
const period = 36 ** digits

/** Only ever grows, so that no two names of one process are the same. */
let newest = 0

/**
 * A name for a run: `<job>-slimfaas-job-<8 of [0-9a-z]>`. The last part counts the milliseconds down, so that a listing by name begins
 * with the newest run, however many there are.
 */
export function newRunName(job: string, now: number = Date.now()): string {
  newest = Math.max(newest + 1, now)
  return job + infix + (period - 1 - (newest % period)).toString(36).padStart(digits, '0')
}

/** How the names of {@link newRunName} begin. */
export const runNamesOf = (job: string): string => job + infix

/** How the names of a job's runs begin, those of its schedules too: of those no more than 29 characters stay. */
export const runNamesPrefix = (job: string): string => job.slice(0, 29)

/** The job that a run's name says it is of; `undefined` where {@link newRunName} did not make it. */
export function jobOfRunName(run: string): string | undefined {
  const at = run.lastIndexOf(infix)
  return at > 0 && /^[0-9a-z]{8}$/.test(run.slice(at + infix.length)) ? run.slice(0, at) : undefined
}

/** The run of a job with that last part. */
export const runNameFrom = (job: string, part: number): string => job + infix + part.toString(36).padStart(digits, '0')

/** That last part as a number; `undefined` for names of another kind. */
export function partOf(run: string): number | undefined {
  return jobOfRunName(run) === undefined ? undefined : Number.parseInt(run.slice(-digits), 36)
}
