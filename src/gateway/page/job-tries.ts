import { html } from 'hono/html'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { JobEvent } from '../../lifecycle/job-events.ts'
import type { RecordedError } from '../../protocol/record.ts'
import { textView } from './json-view.ts'
import type { Markup } from './markup.ts'
import { timeOf } from './quantities.ts'
import { readable, readableLines } from './readable.ts'

/** What happened to a job's tries, and how the last one ended. Nothing where nothing went wrong. */
export function jobTries({ events, result }: JobDetails): Markup | '' {
  const error = result?.error
  if (events.length === 0 && !error) return ''
  const shown = events.slice(-50)
  return html`<section aria-labelledby="tries">
    <h2 id="tries">Attempts and errors</h2>
    ${shown.length < events.length ? html`<p>The newest ${shown.length} of ${events.length}.</p>` : ''}
    <ol class="tries">
      ${shown.map(eventView)}
      ${
        error
          ? html`<li class="bad">
              <p><strong>Failed for good</strong> ${timeOf(result.finishedAt)}</p>
              ${errorView(error)}
            </li>`
          : ''
      }
    </ol>
  </section>`
}

const words = {
  started: 'Started again',
  failed: 'Failed, to be tried again',
  released: 'Given back',
  resent: 'Announced once more',
} as const satisfies Record<JobEvent['kind'], string>

function eventView({ kind, at, error }: JobEvent): Markup {
  return html`<li class="${kind === 'failed' ? 'bad' : ''}">
    <p><strong>${words[kind]}</strong> ${timeOf(at)}</p>
    ${error ? errorView(error) : ''}
  </li>`
}

export function errorView({ name, message, code, stack }: RecordedError): Markup {
  return html`<p class="error">
      <code>${readable(code ?? name, 100)}</code> <bdi class="lines">${readableLines(message, 4000)}</bdi>
    </p>
    ${
      stack === undefined
        ? ''
        : html`<details>
            <summary>Stack</summary>
            ${textView(stack, 'Stack')}
          </details>`
    }`
}
