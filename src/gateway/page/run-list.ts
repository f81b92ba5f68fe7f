import { html } from 'hono/html'
import type { RunSummary } from '../../runs.ts'
import { badge } from './badge.ts'
import type { Markup } from './markup.ts'
import { runPath } from './paths.ts'
import { countText, timeOf } from './quantities.ts'

const shownRuns = 100

/** A queue's runs, the newest first. */
export function runList(queue: string, runs: readonly RunSummary[]): Markup {
  if (runs.length === 0) return html`<p class="empty">No runs: <code>remotejob jobrun submit</code> makes one.</p>`
  const shown = runs.slice(0, shownRuns)
  return html`${shown.length < runs.length ? html`<p>The newest ${shown.length} of ${countText(runs.length)}.</p>` : ''}
    <table class="list">
      <caption class="unseen">
        Runs, the newest first
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

function row(queue: string, { name, status, submittedAt, counts }: RunSummary): Markup {
  const { failed, pending, running, succeeded } = counts
  const all = failed + pending + running + succeeded
  return html`<tr data-key="${name}">
    <td>${badge(status)}</td>
    <th scope="row"><a href="${runPath(queue, name)}">${name}</a></th>
    <td>${timeOf(submittedAt)}</td>
    <td class="number">${countText(succeeded)} of ${countText(all)}</td>
    <td class="number">${countText(failed)}</td>
  </tr>`
}
