import { html } from 'hono/html'
import { countsOf } from '../../runs/arrays/read-runs.ts'
import type { RunState } from '../../runs.ts'
import { badge } from './badge.ts'
import type { Markup } from './markup.ts'
import { runPath, runsPath } from './paths.ts'
import { countText, timeOf } from './quantities.ts'
import type { RunsAsked, RunsPage } from './read-runs.ts'

/** A page of a queue's runs. */
export function runList(queue: string, asked: RunsAsked, { shown, order, next }: RunsPage): Markup {
  const isFirst = asked.before === undefined && asked.after === undefined
  if (isFirst && shown.length === 0 && !next)
    return html`<p class="empty">No runs: <code>remotejob jobrun submit</code> makes one.</p>`
  const path = runsPath(queue)
  const further = order === 'age' ? 'Older' : 'Further'
  return html`${order === 'name' ? html`<p class="about">These are many, so they are listed by name.</p>` : ''}
    ${shown.length === 0 ? html`<p class="empty">No runs here.</p>` : table(queue, shown, order)}
    <nav class="pages" aria-label="Pages">
      ${isFirst ? '' : html`<a href="${path}">${order === 'age' ? 'Newest' : 'From the beginning'}</a>`}
      ${next ? html`<a href="${path}?${new URLSearchParams({ ...next }).toString()}">${further}</a>` : ''}
    </nav>`
}

function table(queue: string, shown: readonly RunState[], order: RunsPage['order']): Markup {
  return html`<table class="list stacked">
    <caption class="unseen">
      Runs, ${order === 'age' ? 'the newest first' : 'by name'}
    </caption>
    <thead>
      <tr>
        <th scope="col">Status</th>
        <th scope="col">Run</th>
        <th scope="col">Submitted</th>
        <th scope="col" class="number">Done</th>
        <th scope="col" class="number">Failed</th>
      </tr>
    </thead>
    <tbody>
      ${shown.map((run) => row(queue, run))}
    </tbody>
  </table>`
}

function row(queue: string, run: RunState): Markup {
  const { name, status, submittedAt, indexes } = run
  const { failed, succeeded } = countsOf(run)
  return html`<tr data-key="${name}">
    <td>${badge(status)}</td>
    <th scope="row"><a href="${runPath(queue, name)}">${name}</a></th>
    <td>${timeOf(submittedAt)}</td>
    <td class="number" data-label="Done">${countText(succeeded)} of ${countText(indexes.length)}</td>
    <td class="number" data-label="Failed">${countText(failed)}</td>
  </tr>`
}
