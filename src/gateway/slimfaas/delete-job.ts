import type { Cancellable } from '../../backend.ts'
import { hasCode } from '../../errors.ts'
import type { Runs } from '../../runs/runs.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'
import { configuredJob } from './configured-jobs.ts'
import { jobRuns } from './job-runs.ts'
import { runId, runOfId } from './run-ids.ts'
import type { SlimFaas } from './slimfaas.ts'
import { expectVisible } from './visibility.ts'

/** A run, as SlimFaas's callers name it. */
interface Named {
  readonly name: string
  readonly id: string
}

/** `DELETE /job/<name>/<id>`: ends a run, wherever it is, and forgets it. */
export async function deleteJob(c: GatewayContext, slimFaas: SlimFaas, { name, id }: Named): Promise<Response> {
  const { runs } = await slimFaas.open()
  const definition = await configuredJob(runs, name)
  if (definition) expectVisible(c, slimFaas, definition, { scope: 'submit', status: 404 })
  const run = definition && (await find(runs, { name, id }, { signal: slimFaas.closing }))
  if (run !== undefined && (await runs.delete(run))) return c.body(null, 200)
  throw new Problem(404, `There is no job "${name}" with that id`)
}

/** By its id alone, or where it was named otherwise among all of the job. */
async function find(runs: Runs, { name, id }: Named, options: Cancellable): Promise<string | undefined> {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  const own = runOfId(name, id)
  if (own !== undefined) return (await isThere(runs, own, options)) ? own : undefined
  const all = await jobRuns(runs, name, (outline) => runId(outline.name) === id, options)
  return all.runs[0]?.state.name
}

async function isThere(runs: Runs, run: string, options: Cancellable): Promise<boolean> {
  try {
    return (await runs.get(run, options)) !== undefined
  } catch (error) {
    if (hasCode(error, 'RESULT_EXPIRED')) return false
    throw error
  }
}
