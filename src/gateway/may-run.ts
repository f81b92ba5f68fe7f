import type { Overrides } from '../runs/definition/job-definition.ts'
import { expectScope } from './caller.ts'
import type { GatewayContext } from './gateway-env.ts'

/**
 * Whether the caller may have that run. Who may submit runs stored jobs, with arguments, variables and indexes of their own; what
 * program that is, and which secrets it is told, is left to who may everything.
 * @throws Problem 401, 403
 */
export function expectMayRun(
  c: GatewayContext,
  queue: string,
  { job, image, command, mounts, environment }: Omit<Overrides, 'name'> & { readonly job?: string | undefined },
): void {
  const isPlain =
    job !== undefined &&
    image === undefined &&
    command === undefined &&
    mounts === undefined &&
    (environment ?? []).every(({ kind }) => kind === 'literal')
  expectScope(c, isPlain ? 'submit' : 'admin', queue)
}
