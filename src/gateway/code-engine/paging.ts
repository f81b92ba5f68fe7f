import type { JsonObject } from '../../protocol/json.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import type { Project } from './project.ts'
import type { Kind } from './resource.ts'

/** What the names look like that pages end with. */
const names = {
  jobs: /^[a-z0-9][a-z0-9_-]{0,62}$/,
  job_runs: /^[a-z0-9](?:[a-z0-9_-]{0,51}[a-z0-9])?$/,
  config_maps: /^[a-z0-9][a-z0-9.-]{0,252}$/,
  secrets: /^[a-z0-9][a-z0-9.-]{0,252}$/,
} as const satisfies Record<Kind, RegExp>

/** As Code Engine has it: a page has this many, and no more can be asked for. */
const mostOnPage = 100

/** Which page was asked for. */
export interface PageWanted {
  readonly limit: number
  /** The name behind which it begins: the last one of the page before. */
  readonly after: string | undefined
}

/** What is on it. */
export interface PageFound {
  readonly items: readonly JsonObject[]
  /** The name behind which the next page begins; undefined with the last one. */
  readonly next: string | undefined
}

/** @throws Problem 400 */
export function pageWanted(c: GatewayContext, kind: Kind): PageWanted {
  const [limit, start] = [c.req.query('limit') ?? '', c.req.query('start') ?? '']
  if (limit !== '' && !(/^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= mostOnPage))
    throw new Problem(400, `Expected limit to be a whole number from 1 to ${mostOnPage}`)
  return { limit: limit === '' ? mostOnPage : Number(limit), after: start === '' ? undefined : nameFrom(start, kind) }
}

/** Those of a list in the order of names that are on the page. */
export function cut<Item extends { readonly name: string }>(
  all: readonly Item[],
  { limit, after = '' }: PageWanted,
): { readonly on: readonly Item[]; readonly next: string | undefined } {
  const rest = all.filter(({ name }) => name > after)
  const on = rest.slice(0, limit)
  return { on, next: rest.length > limit ? on.at(-1)?.name : undefined }
}

/** A page as Code Engine tells it. The next page is asked for with the same filters. */
export function pageAnswer(
  c: GatewayContext,
  project: Project,
  kind: Kind,
  { wanted: { limit }, items, next }: PageFound & { readonly wanted: PageWanted },
): Response {
  const href = (start: string | undefined): string => {
    const query = new URL(c.req.url).searchParams
    query.delete('start')
    query.set('limit', String(limit))
    if (start !== undefined) query.set('start', start)
    return `${project.href(kind)}?${query.toString()}`
  }
  const start = next === undefined ? undefined : tokenOf(next)
  return c.json(
    {
      first: { href: href(undefined) },
      limit,
      ...(start === undefined ? {} : { next: { href: href(start), start } }),
      [kind]: items,
    },
    200,
    { 'Cache-Control': 'no-store' },
  )
}

/** What stands for a place in a list. Nobody should make one by hand, so it does not look like a name. */
const tokenOf = (name: string): string => Buffer.from(name).toString('base64url')

function nameFrom(token: string, kind: Kind): string {
  const name = Buffer.from(token, 'base64url').toString()
  if (names[kind].test(name) && tokenOf(name) === token) return name
  throw new Problem(400, 'Expected start to be what the page before said in next')
}
