import { hash } from 'node:crypto'
import { html } from 'hono/html'
import type { DeadLetter } from '../../lifecycle/dead-letters.ts'
import type { Queue } from '../../queue.ts'
import { confirmed } from './confirm.ts'
import { textView } from './json-view.ts'
import type { Markup } from './markup.ts'
import { deadPath, jobPath } from './paths.ts'
import { timeOf } from './quantities.ts'
import { readable } from './readable.ts'

const shownLetters = 50

/** What tells a dead letter from the others, of which some are no jobs and have no id. */
export function markOf({ id, body, sentAt }: DeadLetter): string {
  return hash('sha256', JSON.stringify([id ?? '', body, sentAt.getTime()]), 'hex').slice(0, 32)
}

/** A queue's dead letters, each with why it is here. */
export async function deadLetterList(queue: Queue, mayRedrive: boolean, signal: AbortSignal): Promise<Markup> {
  const shown: DeadLetter[] = []
  let isCut = false
  for await (const letter of queue.deadLetters({ signal })) {
    isCut = shown.length === shownLetters
    if (isCut) break
    shown.push(letter)
  }
  if (shown.length === 0) return html`<p class="empty">No dead letters.</p>`
  return html`${isCut ? html`<p>The first ${shownLetters}; bring some back to see the others.</p>` : ''}
    ${mayRedrive ? html`<div class="deeds">${redriveAll(queue.name)}</div>` : ''}
    <ul class="letters">
      ${shown.map((letter, index) => letterView(queue.name, letter, mayRedrive ? index : undefined))}
    </ul>`
}

function redriveAll(queue: string): Markup {
  return confirmed({
    id: 'redrive-all',
    label: 'Redrive all',
    question: 'Redrive all dead letters?',
    consequence: 'Each becomes a new job. What killed every worker once may do so again.',
    action: deadPath(queue),
    values: { all: 'yes' },
  })
}

function letterView(queue: string, letter: DeadLetter, index: number | undefined): Markup {
  const { id, reason, deliveries, sentAt, body } = letter
  return html`<li class="card">
    <h2>${id === undefined ? 'No job' : html`<a class="id" href="${jobPath(queue, id)}">${id}</a>`}</h2>
    <p class="lines"><bdi>${readable(reason, 1000)}</bdi></p>
    <p class="about">Sent ${timeOf(sentAt)}, delivered ${deliveries}×</p>
    <details>
      <summary>Message</summary>
      ${textView(body, 'Message')}
    </details>
    ${
      index === undefined
        ? ''
        : html`<div class="deeds">
            ${confirmed({
              id: `redrive-${index}`,
              label: 'Redrive',
              question: 'Redrive this dead letter?',
              consequence: 'It becomes a new job, with a new id.',
              action: deadPath(queue),
              values: { letter: markOf(letter) },
            })}
          </div>`
    }
  </li>`
}
