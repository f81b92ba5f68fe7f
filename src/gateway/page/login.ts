import { html } from 'hono/html'
import type { Markup } from './markup.ts'

/**
 * Asks for a token; that the last one was none is told.
 * @param next where to go with it
 */
export function loginForm(isRefused: boolean, next: string | undefined): Markup {
  return html`<h1>Log in</h1>
    <form method="post" action="login" class="login">
      ${next === undefined ? '' : html`<input type="hidden" name="next" value="${next}" />`}
      <label for="token">Token</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        required
        maxlength="1000"
        ${isRefused ? html`aria-invalid="true" aria-describedby="refused"` : ''}
      />
      ${isRefused ? html`<p id="refused" class="refused" role="alert">There is no such token here.</p>` : ''}
      <button class="primary">Log in</button>
    </form>
    <p class="about">Whoever runs this gateway gives out tokens.</p>`
}
