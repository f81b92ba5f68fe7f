import { html } from 'hono/html'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import type { Queue } from '../../queue.ts'
import { confirmed, type Deed } from './confirm.ts'
import { jobFacts } from './job-facts.ts'
import { jobTries } from './job-tries.ts'
import { jsonView } from './json-view.ts'
import { logTail } from './log-tail.ts'
import type { Markup } from './markup.ts'
import { jobPath } from './paths.ts'
import { assetViews, fileView } from './previews.ts'

/** What the caller may do with a job. */
export interface JobRights {
  /** Make jobs, and end them. */
  readonly maySubmit: boolean
}

/** The parts of a job's page that change while it is looked at. */
export async function jobParts(
  queue: Queue,
  details: JobDetails,
  rights: JobRights,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Markup>>> {
  const { id, result } = details
  const [log, assets] = await Promise.all([
    logTail(queue, id, signal),
    result ? assetViews(queue.name, id, result.assets) : '',
  ])
  return {
    standing: html`${jobFacts(queue.name, details)}`,
    deeds: html`${deedsOf(queue.name, details, rights).map(confirmed)}`,
    outcome: html`${jobTries(details)} ${valueView(details)} ${assets}`,
    log: html`${log}`,
  }
}

/** The rest: what it was asked for stays as it was. */
export async function jobInput(queue: string, { id, metadata, input }: JobDetails): Promise<Markup> {
  return html`<section aria-labelledby="input">
    <h2 id="input">Input</h2>
    ${input ? await fileView({ queue, id, name: undefined, file: input, hasPreview: true }) : ''}
    ${
      Object.keys(metadata).length === 0
        ? ''
        : html`<h3>Metadata</h3>
            ${jsonView(metadata, 'Metadata')}`
    }
    ${input || Object.keys(metadata).length > 0 ? '' : html`<p class="empty">Nothing is kept of what was asked for.</p>`}
  </section>`
}

function valueView({ result }: JobDetails): Markup | '' {
  if (result?.value === undefined) return ''
  return html`<section aria-labelledby="value">
    <h2 id="value">Value</h2>
    ${jsonView(result.value, 'Value')}
  </section>`
}

function deedsOf(queue: string, { id, status }: JobDetails, { maySubmit }: JobRights): readonly Deed[] {
  const action = jobPath(queue, id)
  if (!maySubmit) return []
  if (status === 'pending' || status === 'active')
    return [
      {
        id: 'cancel',
        label: 'Cancel',
        question: 'Cancel this job?',
        consequence: 'It will never complete. A worker that has it in hand stops at its next sign of life.',
        action: `${action}/cancel`,
        isHarmful: true,
      },
    ]
  // What a run is made of is made again with the run.
  if (id.startsWith('run.')) return []
  const label = status === 'completed' ? 'Resubmit' : 'Retry'
  return [
    {
      id: 'retry',
      label,
      question: `${label} this job?`,
      consequence: 'A new job is made of the same input and metadata. This one stays as it is.',
      action: `${action}/retry`,
    },
  ]
}
