import { html } from 'hono/html'
import type { Crumb } from './layout.ts'
import type { Markup } from './markup.ts'
import { deadPath, queuePath, runsPath, schedulesPath, startPath } from './paths.ts'

const tabs = { Jobs: queuePath, Runs: runsPath, Schedules: schedulesPath, 'Dead letters': deadPath } as const

/** The heading of a queue's pages, and the way between them. */
export function queueHead(queue: string, current: keyof typeof tabs): Markup {
  return html`<h1><bdi>${queue}</bdi></h1>
    <nav aria-label="Queue" class="tabs">
      <ul>
        ${Object.entries(tabs).map(
          ([name, path]) =>
            html`<li><a href="${path(queue)}" ${name === current ? html`aria-current="page"` : ''}>${name}</a></li>`,
        )}
      </ul>
    </nav>`
}

/** The way to what is below a queue. */
export function crumbsOf(queue: string, ...below: readonly Crumb[]): readonly Crumb[] {
  return [{ text: 'Queues', path: startPath }, { text: queue, path: queuePath(queue) }, ...below]
}
