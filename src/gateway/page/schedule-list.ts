import { html } from 'hono/html'
import type { Schedule, Schedules } from '../../cron.ts'
import { badge } from './badge.ts'
import { confirmed, type Deed } from './confirm.ts'
import type { Markup } from './markup.ts'
import { schedulesPath } from './paths.ts'
import { timeOf } from './quantities.ts'
import { readable } from './readable.ts'

const shownSchedules = 200

/** A queue's schedules, by name, with what the caller may do to them. */
export async function scheduleList(
  queue: string,
  schedules: Schedules,
  mayChange: boolean,
  signal: AbortSignal,
): Promise<Markup> {
  const shown: Schedule[] = []
  for await (const schedule of schedules.list({ signal })) {
    if (shown.length === shownSchedules)
      return html`<p>The first ${shownSchedules}.</p>
        ${table(queue, shown, mayChange)}`
    shown.push(schedule)
  }
  if (shown.length === 0)
    return html`<p class="empty">No schedules: <code>remotejob schedule create</code> makes one.</p>`
  return table(queue, shown, mayChange)
}

function table(queue: string, schedules: readonly Schedule[], mayChange: boolean): Markup {
  return html`<table class="list stacked">
    <caption class="unseen">
      Schedules, by name
    </caption>
    <thead>
      <tr>
        <th scope="col">Schedule</th>
        <th scope="col">Times</th>
        <th scope="col">Next</th>
        ${mayChange ? html`<th scope="col"><span class="unseen">What can be done</span></th>` : ''}
      </tr>
    </thead>
    <tbody>
      ${schedules.map((schedule, index) => row(queue, schedule, mayChange ? index : undefined))}
    </tbody>
  </table>`
}

function row(queue: string, schedule: Schedule, index: number | undefined): Markup {
  const { name, cron, timeZone, paused, nextTick } = schedule
  return html`<tr>
    <th scope="row">${readable(name)}</th>
    <td><code>${readable(cron)}</code> <span class="about">${readable(timeZone)}</span></td>
    <td data-label="Next">${paused ? badge('paused') : timeOf(nextTick)}</td>
    ${index === undefined ? '' : html`<td><div class="deeds">${deedsOf(queue, schedule, index).map(confirmed)}</div></td>`}
  </tr>`
}

function deedsOf(queue: string, { name, paused }: Schedule, index: number): readonly Deed[] {
  const action = schedulesPath(queue)
  const called = readable(name)
  const rest = paused
    ? { label: 'Resume', question: `Resume “${called}”?`, consequence: 'It makes jobs again, from its next time on.' }
    : { label: 'Pause', question: `Pause “${called}”?`, consequence: 'It makes no jobs until it is resumed.' }
  return [
    { ...rest, id: `rest-${index}`, action, values: { name, deed: paused ? 'resume' : 'pause' } },
    {
      id: `delete-${index}`,
      label: 'Delete',
      question: `Delete “${called}”?`,
      consequence: 'It makes no more jobs, and is forgotten. Those that it made stay.',
      action,
      values: { name, deed: 'delete' },
      isHarmful: true,
    },
  ]
}
