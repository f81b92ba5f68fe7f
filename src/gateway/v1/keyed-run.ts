import { hash } from 'node:crypto'
import { hasCode } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { readRun } from '../../runs/arrays/run-record.ts'
import { type RunToBe, submitRun } from '../../runs/arrays/submit-run.ts'
import { canonicalJson, jsonFrom } from '../../protocol/json.ts'
import type { Queue } from '../../queue.ts'
import { source } from '../../worker.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { idFromKey, keyReused } from './idempotency.ts'

/** A run's name that is always the same for one key, so that the one check of names makes a request that comes twice one run. */
export function nameFromKey(c: GatewayContext, queue: string, job: string): string | undefined {
  const id = idFromKey(c, 'run', queue, job)
  return id === undefined
    ? undefined
    : `${job.slice(0, 29).toLowerCase()}-key-${hash('sha256', id, 'hex').slice(0, 16)}`
}

/**
 * Makes the run of a key, or finds the one that the same request made. What is asked for is kept with the run as a digest, since its job
 * may be another by the time that the request comes again.
 * @throws Problem 422 where the key was of another request
 */
export async function runOnce(
  queue: Queue,
  { name, request }: { readonly name: string; readonly request: object },
  define: (w: Workspace) => Promise<Omit<RunToBe, 'runName'>>,
  signal: AbortSignal,
): Promise<string> {
  const w = await queue[source].open()
  const requestHash = hash('sha256', canonicalJson(jsonFrom(request, 'request')), 'hex').slice(0, 32)
  const isStanding = async (): Promise<boolean> => {
    const standing = await readRun(w, name, { signal })
    if (standing && standing.requestHash !== requestHash) throw keyReused()
    return standing !== undefined
  }
  if (await isStanding()) return name
  try {
    return await submitRun(w, { ...(await define(w)), runName: name, requestHash }, { signal })
  } catch (error) {
    // The other came at the same time.
    if (!hasCode(error, 'ID_IN_USE') || !(await isStanding())) throw error
    return name
  }
}
