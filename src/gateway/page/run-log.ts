import { html } from 'hono/html'
import type { IndexState, Runs, RunState } from '../../runs.ts'
import { badge } from './badge.ts'
import { fact } from './fact.ts'
import type { Markup } from './markup.ts'
import { spanText, timeOf } from './quantities.ts'
import { readable, readableLines } from './readable.ts'

const tailLines = 500
const mostBytes = 128 * 1024

/** One index of a run: where it is, and the end of what it printed. */
export async function runLog(runs: Runs, run: RunState, index: IndexState, signal: AbortSignal): Promise<Markup> {
  const { status, retries, lastFailureReason, startedAt, finishedAt } = index
  const seconds = startedAt && finishedAt && (finishedAt.getTime() - startedAt.getTime()) / 1000
  const text = await readTail(runs, run, index, signal)
  return html`<h1>Index ${index.index} of <bdi>${run.name}</bdi></h1>
    <p class="standing">${badge(status)}</p>
    <dl class="facts">
      ${fact('Started', timeOf(startedAt))} ${fact('Finished', timeOf(finishedAt))}
      ${fact('Took', seconds === undefined ? undefined : spanText(seconds))} ${fact('Retries', retries)}
      ${fact('Last failure', lastFailureReason === undefined ? undefined : readable(lastFailureReason))}
    </dl>
    <section aria-labelledby="printed">
      <h2 id="printed">Log</h2>
      ${
        text === ''
          ? html`<p class="empty">Nothing was printed.</p>`
          : html`<pre class="log" tabindex="0" role="log" aria-live="off" aria-label="Log">
${readableLines(text, mostBytes)}</pre>`
      }
    </section>`
}

/** Of long lines no more is kept than is shown. */
async function readTail(runs: Runs, { name }: RunState, { index }: IndexState, signal: AbortSignal): Promise<string> {
  let kept = Buffer.alloc(0)
  for await (const { bytes } of runs.logs(name, { index, tail: tailLines, signal })) {
    kept = Buffer.concat([kept, bytes]).subarray(-mostBytes)
  }
  return kept.toString()
}
