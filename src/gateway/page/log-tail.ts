import { html } from 'hono/html'
import { isRemoteJobError } from '../../errors.ts'
import type { Queue } from '../../queue.ts'
import type { Markup } from './markup.ts'
import { readableLines } from './readable.ts'

/** Bytes of the end of a job's logs that are shown. */
const tailBytes = 64 * 1024

/** The end of what a job printed. */
export async function logTail(queue: Queue, id: string, signal: AbortSignal): Promise<Markup> {
  const text = await readTail(queue, id, signal)
  return text === ''
    ? html`<p class="empty">Nothing was printed.</p>`
    : html`<pre class="log" tabindex="0" role="log" aria-live="off" aria-label="Log">
${readableLines(text, 2 * tailBytes)}</pre>`
}

async function readTail(queue: Queue, id: string, signal: AbortSignal): Promise<string> {
  const pieces: Uint8Array[] = []
  try {
    for await (const { bytes } of queue.logs(id, { tailBytes, signal })) pieces.push(bytes)
  } catch (error) {
    if (isRemoteJobError(error) && (error.code === 'RESULT_EXPIRED' || error.code === 'JOB_NOT_FOUND')) return ''
    throw error
  }
  return Buffer.concat(pieces).toString()
}
