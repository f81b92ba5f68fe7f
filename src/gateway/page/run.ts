import { html } from 'hono/html'
import { formatIndexes } from '../../runs/definition/array-indexes.ts'
import type { IndexState, RunState } from '../../runs.ts'
import { badge, toneOf } from './badge.ts'
import { confirmed, type Deed } from './confirm.ts'
import { fact } from './fact.ts'
import type { Markup } from './markup.ts'
import { runPath } from './paths.ts'
import { countText, spanText, timeOf } from './quantities.ts'
import { readable } from './readable.ts'

const statuses = ['succeeded', 'running', 'pending', 'failed'] as const

/** The parts of a run's page, all of which change. */
export function runParts(queue: string, run: RunState, rights: RunRights): Readonly<Record<string, Markup>> {
  return {
    standing: facts(run),
    deeds: html`${deedsOf(queue, run, rights).map(confirmed)}`,
    grid: html`${legend(run)} ${grid(queue, run)} ${reasons(run)}`,
  }
}

/** What the caller may do with a run. */
export interface RunRights {
  readonly maySubmit: boolean
  readonly mayDelete: boolean
}

function facts({ status, jobName, submittedAt, finishedAt, definition }: RunState): Markup {
  const seconds = finishedAt && (finishedAt.getTime() - submittedAt.getTime()) / 1000
  const command = [...(definition.command ?? []), ...(definition.arguments ?? [])].map(wordOf).join(' ')
  return html`<p class="standing" data-status="${status}">${badge(status)}</p>
    <dl class="facts">
      ${fact('Job', jobName)} ${fact('Submitted', timeOf(submittedAt))}
      ${fact('Finished', finishedAt && timeOf(finishedAt))}
      ${fact('Took', seconds === undefined ? undefined : spanText(seconds))}
      ${
        command === ''
          ? ''
          : html`<div class="long">
              <dt>Command</dt>
              <dd><code>${readable(command)}</code></dd>
            </div>`
      }
    </dl>`
}

/** As a shell would read it, so that it can be seen where one ends. */
function wordOf(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function legend({ indexes }: RunState): Markup {
  return html`<ul class="legend">
    ${statuses.map((status) => {
      const count = indexes.filter((index) => index.status === status).length
      return html`<li>
        <span class="cell ${toneOf(status)}" aria-hidden="true"></span> ${status} <b>${countText(count)}</b>
      </li>`
    })}
  </ul>`
}

/** A cell for each index; which ones are where is said in words below it. */
function grid(queue: string, { name, indexes }: RunState): Markup {
  return html`<ol class="grid" aria-label="Indexes">
    ${indexes.map(
      (index) =>
        html`<li>
          <a
            class="cell ${toneOf(index.status)}"
            href="${runPath(queue, name)}/${index.index}"
            title="${wordsOf(index)}"
            aria-label="${wordsOf(index)}"
          ></a>
        </li>`,
    )}
  </ol>`
}

function wordsOf({ index, status, retries, lastFailureReason }: IndexState): string {
  const tries = retries > 0 ? `, retried ${retries}×` : ''
  const reason = lastFailureReason !== undefined && status !== 'succeeded' ? `, ${lastFailureReason}` : ''
  return `Index ${index}: ${status}${tries}${reason}`
}

function reasons({ indexes }: RunState): Markup | '' {
  const failed = indexes.filter(({ status }) => status === 'failed')
  if (failed.length === 0) return ''
  const byReason = Map.groupBy(failed, ({ lastFailureReason }) => lastFailureReason ?? 'Unknown reason')
  return html`<h2>Why indexes failed</h2>
    <dl class="facts">
      ${[...byReason].map(
        ([reason, some]) =>
          html`<div class="long">
            <dt>${readable(reason)}</dt>
            <dd>
              ${some.length === 1 ? 'Index' : 'Indexes'} ${readable(formatIndexes(some.map(({ index }) => index)))}
            </dd>
          </div>`,
      )}
    </dl>`
}

function deedsOf(queue: string, { name, status, failed }: RunState, rights: RunRights): readonly Deed[] {
  const action = runPath(queue, name)
  const isOpen = status === 'pending' || status === 'running'
  const again = { id: 'resubmit', label: 'Resubmit', question: 'Resubmit this run?', action: `${action}/resubmit` }
  const some = {
    id: 'resubmit-failed',
    label: 'Resubmit what failed',
    question: 'Resubmit what failed?',
    action: `${action}/resubmit`,
  }
  const end = isOpen
    ? {
        id: 'cancel',
        label: 'Cancel',
        question: 'Cancel this run?',
        consequence: 'What runs of it is stopped, and it is forgotten.',
      }
    : {
        id: 'delete',
        label: 'Delete',
        question: 'Delete this run?',
        consequence: 'Its states, logs and files are forgotten.',
      }
  return [
    ...(rights.maySubmit && failed !== '' && !isOpen
      ? [{ ...some, consequence: 'A new run is made of the indexes that failed.', values: { failed: 'yes' } }]
      : []),
    ...(rights.maySubmit ? [{ ...again, consequence: 'A new run is made with all of its indexes.' }] : []),
    ...(rights.mayDelete ? [{ ...end, action: `${action}/delete`, isHarmful: true }] : []),
  ]
}
