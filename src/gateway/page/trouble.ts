import { STATUS_CODES } from 'node:http'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import type { GatewayContext } from '../gateway-env.ts'
import { ownPage } from '../access/own-page.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { problemOf } from '../problem-of.ts'
import { pageAnswer } from './layout.ts'
import { loginForm } from './login.ts'
import { startPath } from './paths.ts'
import { readable } from './readable.ts'

/** What people see of an error: where they have to say who they are, the way to do so. */
export async function troubleAnswer(error: Error, c: GatewayContext, house: House): Promise<Response> {
  if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
  const problem = problemFrom(error)
  if (problem.status >= 500) house.report(error)
  // Programs get what all other routes tell them.
  if (!c.req.header('Accept')?.includes('text/html')) return problem.toResponse()
  const answer = await (problem.status === 401 ? loginAnswer(c) : errorAnswer(c, problem))
  for (const [name, value] of Object.entries(problem.headers)) answer.headers.set(name, value)
  return answer
}

function problemFrom(error: Error): Problem {
  if (error instanceof HTTPException) return new Problem(error.status, error.message, { cause: error })
  const known = problemOf(error)
  return (
    known ?? new Problem(500, 'Something went wrong inside: whoever runs the gateway can look it up', { cause: error })
  )
}

function loginAnswer(c: GatewayContext): Promise<Response> {
  const content = loginForm(c.req.query('login') === 'refused', ownPage(askedPage(c), c.var.start))
  return pageAnswer(c, { title: 'Log in', content }, 401)
}

/** Where somebody wanted to be; a button leads back to where it was pressed. */
function askedPage(c: GatewayContext): string | undefined {
  const asked = c.req.method === 'GET' ? c.req.url : c.req.header('Referer')
  if (asked === undefined || !URL.canParse(asked)) return undefined
  const { pathname, search } = new URL(asked)
  return pathname + search
}

function errorAnswer(c: GatewayContext, { status, message }: Problem): Promise<Response> {
  const title = STATUS_CODES[status] ?? 'Error'
  const content = html`<h1>${title}</h1>
    <p class="lines"><bdi>${readable(message, 1000)}</bdi></p>
    <p><a href="${startPath}">To the queues</a></p>`
  return pageAnswer(c, { title, content }, status)
}
