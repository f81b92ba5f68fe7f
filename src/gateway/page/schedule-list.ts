import { html } from 'hono/html'
import type { Schedule, Schedules } from '../../cron.ts'
import { badge } from './badge.ts'
import type { Markup } from './markup.ts'
import { timeOf } from './quantities.ts'
import { readable } from './readable.ts'

const shownSchedules = 200

/** A queue's schedules, by name. */
export async function scheduleList(schedules: Schedules, signal: AbortSignal): Promise<Markup> {
  const shown: Schedule[] = []
  for await (const schedule of schedules.list({ signal })) {
    if (shown.length === shownSchedules)
      return html`<p>The first ${shownSchedules}.</p>
        ${table(shown)}`
    shown.push(schedule)
  }
  if (shown.length === 0)
    return html`<p class="empty">No schedules: <code>remotejob schedule create</code> makes one.</p>`
  return table(shown)
}

function table(schedules: readonly Schedule[]): Markup {
  return html`<table class="list">
    <caption class="unseen">
      Schedules, by name
    </caption>
    <thead>
      <tr>
        <th scope="col">Schedule</th>
        <th scope="col">Times</th>
        <th scope="col">Next</th>
      </tr>
    </thead>
    <tbody>
      ${schedules.map(
        ({ name, cron, timeZone, paused, nextTick }) =>
          html`<tr>
            <th scope="row">${readable(name)}</th>
            <td><code>${readable(cron)}</code> <span class="about">${readable(timeZone)}</span></td>
            <td>${paused ? badge('paused') : timeOf(nextTick)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
