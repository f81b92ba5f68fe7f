import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import type { Parts } from './watch.ts'

/** Parts as they are sent. */
export async function textsOf(parts: Readonly<Record<string, Markup>>): Promise<Parts> {
  const texts = await Promise.all(Object.entries(parts).map(async ([id, part]) => [id, String(await part)] as const))
  return Object.fromEntries(texts)
}

/** A part of a page that the script replaces when it changes. */
export function partOf(id: string, part: Markup | undefined): Markup {
  return html`<div id="${id}">${part ?? ''}</div>`
}
