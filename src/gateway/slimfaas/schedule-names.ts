/** A schedule of SlimFaas's, by the name under which it is kept. */
export interface ScheduleId {
  readonly job: string
  /** A GUID of one that a caller made, eight hexadecimal digits of one that is configured. */
  readonly id: string
  readonly isConfigured: boolean
}

/** The name of a schedule that a caller makes, which has its GUID in it. */
export const scheduleName = (job: string, guid: string): string => `${job}-${guid.replaceAll('-', '')}`

/** The schedule's id, as SlimFaas's callers know it; `undefined` for schedules that were made otherwise. */
export function parseScheduleName(name: string): ScheduleId | undefined {
  const [, job, id = ''] = /^(.+)-([0-9a-f]{32}|[0-9a-f]{8})$/.exec(name) ?? []
  if (job === undefined) return undefined
  const guid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { job, id: guid, isConfigured: id.length === 8 }
}
