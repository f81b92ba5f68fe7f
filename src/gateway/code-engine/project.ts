import type { Runs } from '../../runs.ts'
import { expectScope, type Scope } from '../caller.ts'
import type { GatewayContext } from '../gateway-env.ts'
import type { House } from '../house.ts'

/** A project of Code Engine, which is a queue here. */
export interface Project {
  /** As it was asked for. */
  readonly id: string
  readonly queue: string
  readonly region: string | undefined
  readonly runs: Runs
  /** Where something of it is. */
  href(path: string): string
}

/**
 * The project of a request whose caller may do that in it. A request makes none.
 * @throws Problem 401, 403
 * @throws RemoteJobError `NOT_FOUND`, and what else `OpenQueues.get` throws
 */
export async function projectOf(c: GatewayContext, { at, options, queues }: House, scope: Scope): Promise<Project> {
  const id = c.req.param('project') ?? ''
  const { projects = {}, region } = options
  const queue = (Object.hasOwn(projects, id) ? projects[id] : undefined) ?? id
  expectScope(c, scope, queue)
  const { runs } = await queues.get(queue)
  const { protocol, host } = new URL(c.req.url)
  const origin = `${c.var.isSecure ? 'https:' : protocol}//${host}`
  return { id, queue, region, runs, href: (path) => origin + at(`/v2/projects/${encodeURIComponent(id)}/${path}`) }
}
