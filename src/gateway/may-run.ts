import type { JobDefinition } from '../runs/definition/job-definition.ts'
import { expectScope } from './caller.ts'
import type { GatewayContext } from './gateway-env.ts'
import { expectHarmless, type Wishes } from './harmless.ts'
import { Problem } from './problem.ts'

/** A run as it was asked for: of a stored job, or with a definition of its own. */
interface Wanted extends Wishes {
  readonly job?: string | undefined
}

interface Rule {
  /** What the run is made from; `undefined` where there is nothing, which is told by who looks for it next. */
  readonly job: () => Promise<JobDefinition | undefined>
  /** A refusal in the words of the request. */
  readonly inWords?: (error: unknown) => unknown
}

/**
 * Whether the caller may have that run. Who may submit runs stored jobs, with arguments, indexes and limits of their own, and otherwise
 * what is {@link expectHarmless harmless}; all else is left to who may everything.
 * @throws Problem 401, 403
 */
export async function expectMayRun(c: GatewayContext, queue: string, wanted: Wanted, rule: Rule): Promise<void> {
  if (c.var.caller.may('admin', queue)) return
  expectScope(c, scopeFor(wanted), queue)
  const { image, imagesWhitelist, command, mounts, environment, dependsOn } = wanted
  const isPlain = [image, imagesWhitelist, command, mounts, environment, dependsOn].every((one) => one === undefined)
  const job = isPlain ? undefined : await rule.job()
  if (!job) return
  try {
    expectHarmless(job, wanted)
  } catch (error) {
    throw forbidden(rule.inWords?.(error) ?? error)
  }
}

/** What a run takes at least, of which nothing is known but what was asked for. */
export function scopeFor({ job }: Pick<Wanted, 'job'>): 'submit' | 'admin' {
  return job === undefined ? 'admin' : 'submit'
}

function forbidden(error: unknown): unknown {
  return error instanceof Error ? new Problem(403, error.message, { cause: error }) : error
}
