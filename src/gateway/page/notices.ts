import type { GatewayContext } from '../gateway-env.ts'

/** What a page says after something was done: the URL names it, and cannot say anything else. */
const notices = {
  cancelled: 'The job is cancelled: it will never complete.',
  ended: 'The job had ended before.',
  retried: 'This is the new job.',
  resubmitted: 'This is the new run.',
  deleted: 'The run is deleted.',
  redriven: 'Dead letters were brought back as new jobs.',
  paused: 'The schedule is paused: it makes no jobs until it is resumed.',
  resumed: 'The schedule goes on.',
  unscheduled: 'The schedule is deleted.',
  noSchedule: 'That schedule is not there any more.',
  gone: 'That dead letter is not there any more.',
} as const

export type Notice = keyof typeof notices

export function noticeOf(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(notices, name)
    ? Object.entries(notices).find(([one]) => one === name)?.[1]
    : undefined
}

/** Goes on to a page that says so. */
export function saying(c: GatewayContext, path: string, notice: Notice): Response {
  return c.redirect(`${c.var.start}${path}?done=${notice}`, 303)
}
