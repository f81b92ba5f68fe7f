import { html } from 'hono/html'
import type { JobDetails } from '../../lifecycle/inspect.ts'
import { badge } from './badge.ts'
import { fact } from './fact.ts'
import { jsonView } from './json-view.ts'
import type { Markup } from './markup.ts'
import { jobPath } from './paths.ts'
import { spanText, timeOf } from './quantities.ts'
import { readable } from './readable.ts'

/** Where a job is, when that was, and how far it is. */
export function jobFacts(queue: string, details: JobDetails): Markup {
  const { status, submittedAt, runAt, expiresAt, attempts, timeoutSeconds, group, retryOf, active, result } = details
  const startedAt = result?.startedAt ?? active?.startedAt
  const took = result?.startedAt && (result.finishedAt.getTime() - result.startedAt.getTime()) / 1000
  const tries = result?.attempt ?? active?.attempt
  return html`<p class="standing" data-status="${status}">${badge(status)}</p>
    ${progressView(active?.progress)}
    <dl class="facts">
      ${fact('Submitted', timeOf(submittedAt))} ${fact('Not before', runAt && timeOf(runAt))}
      ${fact('Started', startedAt && timeOf(startedAt))} ${fact('Finished', result && timeOf(result.finishedAt))}
      ${fact('Took', took === undefined ? undefined : spanText(took))}
      ${fact('Attempt', tries === undefined ? undefined : attempts === undefined ? `${tries}` : `${tries} of ${attempts}`)}
      ${fact('Time limit', timeoutSeconds === undefined ? undefined : spanText(timeoutSeconds))}
      ${fact('Expires', expiresAt && timeOf(expiresAt))} ${fact('Group', group && readable(group))}
      ${fact('Tries again', retryOf && html`<a class="id" href="${jobPath(queue, retryOf)}">${retryOf}</a>`)}
    </dl>`
}

/** A share is a bar, and everything else what it is. */
function progressView(progress: NonNullable<JobDetails['active']>['progress']): Markup | '' {
  if (progress === undefined || progress === null) return ''
  const share = shareOf(progress)
  if (share === undefined)
    return html`<h2>Progress</h2>
      ${jsonView(progress, 'Progress')}`
  const percent = Math.round(share * 100)
  return html`<label class="progress">
    <span>Progress</span> <progress max="100" value="${percent}"></progress> <span class="number">${percent} %</span>
  </label>`
}

/** What handlers commonly report: a share from 0 to 1, percents, or so many of so many. */
function shareOf(progress: NonNullable<JobDetails['active']>['progress']): number | undefined {
  if (typeof progress === 'number') return within(progress > 1 ? progress / 100 : progress)
  if (typeof progress !== 'object' || progress === null || Array.isArray(progress)) return undefined
  const { percent, done, of: all, total = all } = progress
  if (Object.keys(progress).length > 2) return undefined
  if (typeof percent === 'number') return within(percent / 100)
  return typeof done === 'number' && typeof total === 'number' && total > 0 ? within(done / total) : undefined
}

const within = (share: number): number | undefined => (share >= 0 && share <= 1 ? share : undefined)
