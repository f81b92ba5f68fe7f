import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { readableLines } from './readable.ts'

/** JSON to be read; what is much is cut. */
export function jsonView(value: unknown, label: string): Markup {
  return textView(JSON.stringify(value, undefined, 2), label)
}

/** A text of others, in a box that can be scrolled by the keyboard as well. */
export function textView(text: string, label: string): Markup {
  return html`<pre tabindex="0" role="group" aria-label="${label}">${readableLines(text)}</pre>`
}
