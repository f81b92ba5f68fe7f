import { html } from 'hono/html'
import type { Markup } from './markup.ts'

/** How what jobs, runs and their indexes can be is coloured. */
const tones = {
  pending: 'calm',
  active: 'busy',
  running: 'busy',
  completed: 'good',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'off',
  expired: 'off',
  paused: 'off',
} as const

export type Badged = keyof typeof tones

/** A status by its word, and by colour beside it. */
export function badge(status: Badged): Markup {
  return html`<span class="badge ${tones[status]}">${status}</span>`
}

export function toneOf(status: Badged): string {
  return tones[status]
}
