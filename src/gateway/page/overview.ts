import { html } from 'hono/html'
import type { QueueOverview } from '../../admin.ts'
import type { GatewayContext } from '../gateway-env.ts'
import type { House } from '../house.ts'
import { offeredQueues } from '../offered-queues.ts'
import type { Markup } from './markup.ts'
import { deadPath, queuePath, startPath } from './paths.ts'
import { ageText, countText } from './quantities.ts'

/** Queues that are shown at once. */
const pageSize = 60

/** What the start shows: the queues that a caller may see, and where the next page begins. */
export async function overview(house: House, { caller, after }: Asked): Promise<Markup> {
  const all = (await offeredQueues(house, house.closing)).filter(({ name }) => caller.may('read', name))
  const rest = all.filter(({ name }) => after === undefined || name > after)
  const shown = rest.slice(0, pageSize)
  if (shown.length === 0) return empty(all.length === 0)
  const last = shown.at(-1)?.name ?? ''
  return html`<ul class="cards">
      ${shown.map(card)}
    </ul>
    ${rest.length > shown.length ? html`<p><a href="${startPath}?after=${encodeURIComponent(last)}">More queues</a></p>` : ''}`
}

export interface Asked {
  readonly caller: GatewayContext['var']['caller']
  /** The name after which the page begins. */
  readonly after: string | undefined
}

function empty(isFirst: boolean): Markup {
  return html`<div class="empty">
    <h2>${isFirst ? 'No queues yet' : 'No more queues'}</h2>
    <p>
      ${
        isFirst
          ? html`A queue comes into being with its first job: <code>remotejob submit thumbs cat.jpg</code>`
          : html`<a href="${startPath}">From the beginning</a>`
      }
    </p>
  </div>`
}

function card(queue: QueueOverview): Markup {
  const { name } = queue
  return html`<li class="card">
    <h2>
      <a href="${queuePath(name)}"><bdi>${name}</bdi></a>
    </h2>
    ${figures(queue)}
  </li>`
}

/** What a queue holds, in numbers. */
export function figures({
  name,
  waiting,
  inFlight,
  delayed,
  dead,
  oldestSeconds,
  isApproximate,
}: QueueOverview): Markup {
  const about = isApproximate ? html`<span class="about" title="As SQS estimates it">about </span>` : ''
  return html`<dl class="figures">
    ${figure('Waiting', html`${about}${countText(waiting)}`, waiting > 0)}
    ${figure('In flight', html`${about}${countText(inFlight)}`, inFlight > 0)}
    ${figure('Delayed', html`${about}${countText(delayed)}`, delayed > 0)}
    ${oldestSeconds === undefined ? figure('Oldest', '–', false) : figure('Oldest', ageText(oldestSeconds), true)}
    ${dead > 0 ? figure('Dead letters', html`<a href="${deadPath(name)}">${countText(dead)}</a>`, true, 'bad') : figure('Dead letters', '0', false)}
  </dl>`
}

/** What there is none of is quieter than what there is. */
function figure(name: string, value: Markup | string, isSome: boolean, tone = ''): Markup {
  return html`<div class="${isSome ? tone : 'none'}">
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}
