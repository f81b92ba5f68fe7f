import { html } from 'hono/html'
import type { Markup } from './markup.ts'

/** A button that does something once it was confirmed. */
export interface Deed {
  /** Of its dialog, within the page. */
  readonly id: string
  readonly label: string
  /** What it is that is confirmed, as a question. */
  readonly question: string
  /** What follows from it. */
  readonly consequence: string
  /** Where its form is sent. */
  readonly action: string
  /** Values that are sent along. */
  readonly values?: Readonly<Record<string, string>> | undefined
  readonly isHarmful?: boolean | undefined
}

/** A button and the dialog that it opens; browsers do that by themselves, also without the script. */
export function confirmed({ id, label, question, consequence, action, values = {}, isHarmful = false }: Deed): Markup {
  const tone = isHarmful ? 'harmful' : 'primary'
  return html`<button type="button" class="${isHarmful ? 'harmful quiet' : ''}" command="show-modal" commandfor="${id}">
      ${label}
    </button>
    <dialog id="${id}" aria-labelledby="${id}-title" closedby="any">
      <h2 id="${id}-title">${question}</h2>
      <p>${consequence}</p>
      <form method="post" action="${action}">
        ${Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
        <div class="buttons">
          <button type="button" command="close" commandfor="${id}">Keep as it is</button>
          <button class="${tone}">${label}</button>
        </div>
      </form>
    </dialog>`
}
