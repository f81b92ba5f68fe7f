import { createHash } from 'node:crypto'
import { partOf, runNameFrom } from './job-names.ts'

/**
 * The id that SlimFaas's callers know a run by: a UUID (version 8 of RFC 9562, the one for contents of one's own) that is made from the
 * run's name. So nothing has to be kept to find the one from the other.
 */
export function runId(run: string): string {
  const digest = createHash('sha256').update(run).digest('hex')
  const head = partOf(run)?.toString(16).padStart(12, '0') ?? digest.slice(20, 32)
  const variant = ((Number.parseInt(digest.slice(3, 4), 16) & 0x3) | 0x8).toString(16)
  return `${head.slice(0, 8)}-${head.slice(8)}-8${digest.slice(0, 3)}-${variant}${digest.slice(4, 7)}-${digest.slice(7, 19)}`
}

/** The run of a job that has that id by its name alone; `undefined` where it is of a run that was named otherwise, or of none. */
export function runOfId(job: string, id: string): string | undefined {
  const head = /^([0-9a-f]{8})-([0-9a-f]{4})-/.exec(id)
  const run = runNameFrom(job, Number.parseInt(`${head?.[1]}${head?.[2]}`, 16))
  return head && runId(run) === id ? run : undefined
}
