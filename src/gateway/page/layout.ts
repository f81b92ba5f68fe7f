import { html, raw } from 'hono/html'
import type { GatewayContext } from '../gateway-env.ts'
import type { Markup } from './markup.ts'
import { startPath } from './paths.ts'
import { icon, script, style } from './static-files.ts'

/** A link on the way from the start to a page. */
export interface Crumb {
  readonly text: string
  readonly path: string
}

/** What is special about a page. */
export interface Page {
  readonly title: string
  /** The way to it. @default none */
  readonly crumbs?: readonly Crumb[]
  readonly content: Markup
  /** Where its parts that change are told of. @default nowhere */
  readonly live?: string | undefined
  /** What was just done, of {@link said}. */
  readonly notice?: string | undefined
}

/** A whole page as an answer. */
export async function pageAnswer(c: GatewayContext, page: Page, status = 200): Promise<Response> {
  const body = await layout(page, {
    start: c.var.start,
    current: currentPath(c),
    isKnown: c.var.caller.name !== undefined,
  })
  return new Response(body.toString(), { status, headers: { 'Content-Type': 'text/html; charset=utf-8' } })
}

/** Bundlers give a tagged template with such an end tag in it a function of their own, from a package that is not there. */
const scriptTag = raw(`<script type="module" src="${script.path}"></script>`)

/** Who sees a page, and where. */
interface Seen {
  /** Where the gateway's start is. */
  readonly start: string
  /** The page's own path, with its query. */
  readonly current: string
  readonly isKnown: boolean
}

function currentPath({ req }: GatewayContext): string {
  const { pathname, search } = new URL(req.url)
  return pathname + search
}

function layout({ title, crumbs = [], content, live, notice }: Page, { start, current, isKnown }: Seen): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <base href="${start}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · remotejob</title>
        <link rel="stylesheet" href="${style.path}" />
        <link rel="icon" href="${icon.path}" />
        ${scriptTag}
      </head>
      <body>
        <a class="skip" href="${current}#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="${startPath}">remotejob</a>
          ${
            crumbs.length === 0
              ? ''
              : html`<nav aria-label="Breadcrumb">
                  <ol class="crumbs">
                    ${crumbs.map(
                      ({ text, path }) =>
                        html`<li>
                          <a href="${path}"><bdi>${text}</bdi></a>
                        </li>`,
                    )}
                  </ol>
                </nav>`
          }
          ${live === undefined ? '' : html`<p id="connection" class="connection" data-live="${live}" hidden>Live</p>`}
          ${
            isKnown
              ? html`<form method="post" action="logout" class="leave"><button class="plain">Log out</button></form>`
              : ''
          }
        </header>
        <main id="main" tabindex="-1">
          ${notice === undefined ? '' : html`<p class="notice" role="status">${notice}</p>`} ${content}
        </main>
        <p id="said" class="unseen" role="status"></p>
      </body>
    </html>`
}
