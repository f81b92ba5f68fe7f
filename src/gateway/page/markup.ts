import type { html } from 'hono/html'

/** HTML with every value in it escaped, as the `html` tag makes it. */
export type Markup = ReturnType<typeof html>
