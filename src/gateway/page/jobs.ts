import { html } from 'hono/html'
import type { JobSummary } from '../../lifecycle/list.ts'
import type { JobStatus } from '../../lifecycle/status.ts'
import type { Queue } from '../../queue.ts'
import { badge } from './badge.ts'
import type { Markup } from './markup.ts'
import { jobPath, queuePath } from './paths.ts'
import { spanText, timeOf } from './quantities.ts'

/** Which of a queue's jobs are shown. */
export interface JobsAsked {
  readonly status: JobStatus | undefined
  /** The id after which the page begins. */
  readonly after: string | undefined
}

/** Jobs shown at once, and jobs that are looked at for them: rare statuses are looked for in steps. */
const pageSize = 50
const lookedAt = 400

const statuses = ['pending', 'active', 'completed', 'failed', 'cancelled', 'expired'] as const

/** The status that a URL names. */
export function statusFrom(text: string | undefined): JobStatus | undefined {
  return statuses.find((status) => status === text)
}

/** A page of a queue's jobs, the newest first. */
export function jobsView(name: string, asked: JobsAsked, { shown, next, isCut }: JobsPage): Markup {
  const path = queuePath(name)
  const query = next && new URLSearchParams({ ...(asked.status && { status: asked.status }), after: next }).toString()
  return html`${filters(name, asked.status)} ${shown.length === 0 ? none(asked, isCut) : table(name, shown)}
    <nav class="pages" aria-label="Pages">
      ${asked.after === undefined ? '' : html`<a href="${path}${asked.status ? `?status=${asked.status}` : ''}">Newest</a>`}
      ${query ? html`<a href="${path}?${query}">${isCut ? 'Look further' : 'Older'}</a>` : ''}
    </nav>`
}

/** Jobs that were found, and where to look further. */
export interface JobsPage {
  readonly shown: readonly JobSummary[]
  /** After which the next page begins. */
  readonly next: string | undefined
  /** Whether more were looked at than are worth a request. */
  readonly isCut: boolean
}

/** Reads a page. */
export async function readJobs(queue: Queue, { status, after }: JobsAsked, signal: AbortSignal): Promise<JobsPage> {
  const shown: JobSummary[] = []
  let looked = 0
  let last: string | undefined
  for await (const job of queue.list({ after, limit: status ? lookedAt : pageSize + 1, signal })) {
    if (shown.length === pageSize) return { shown, next: last, isCut: false }
    looked += 1
    last = job.id
    if (!status || job.status === status) shown.push(job)
  }
  return looked === lookedAt ? { shown, next: last, isCut: true } : { shown, next: undefined, isCut: false }
}

function filters(queue: string, current: JobStatus | undefined): Markup {
  const link = (status: JobStatus | undefined): Markup =>
    html`<li>
      <a
        href="${queuePath(queue)}${status ? `?status=${status}` : ''}"
        ${current === status ? html`aria-current="true"` : ''}
        >${status ?? 'all'}</a
      >
    </li>`
  return html`<nav aria-label="Status" class="filters">
    <ul>
      ${[undefined, ...statuses].map(link)}
    </ul>
  </nav>`
}

function none({ status, after }: JobsAsked, isCut: boolean): Markup {
  const kind = status ? `${status} jobs` : 'jobs'
  const where = isCut ? ` among the ${lookedAt} that were looked at` : after === undefined ? '' : ' here'
  return html`<p class="empty">No ${kind}${where}.</p>`
}

function table(queue: string, shown: readonly JobSummary[]): Markup {
  return html`<table class="list stacked">
    <caption class="unseen">
      Jobs, the newest first
    </caption>
    <thead>
      <tr>
        <th scope="col">Status</th>
        <th scope="col">Job</th>
        <th scope="col">Submitted</th>
        <th scope="col" class="number wide">Took</th>
      </tr>
    </thead>
    <tbody>
      ${shown.map((job) => row(queue, job))}
    </tbody>
  </table>`
}

function row(queue: string, { id, status, submittedAt, finishedAt }: JobSummary): Markup {
  const seconds = finishedAt && (finishedAt.getTime() - submittedAt.getTime()) / 1000
  return html`<tr data-key="${id}">
    <td>${badge(status)}</td>
    <th scope="row"><a class="id" href="${jobPath(queue, id)}">${id}</a></th>
    <td>${timeOf(submittedAt)}</td>
    <td class="number wide">${seconds === undefined ? '–' : spanText(seconds)}</td>
  </tr>`
}
