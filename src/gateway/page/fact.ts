import { html } from 'hono/html'
import type { Markup } from './markup.ts'

/** One thing that is known of something, in a list of facts; nothing where it is not. */
export function fact(name: string, value: Markup | string | number | undefined): Markup | '' {
  return value === undefined || value === ''
    ? ''
    : html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`
}
