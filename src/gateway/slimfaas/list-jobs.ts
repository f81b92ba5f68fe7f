import type { GatewayContext } from '../gateway-env.ts'
import { configuredJob } from './configured-jobs.ts'
import { jobRuns } from './job-runs.ts'
import { jobView } from './job-view.ts'
import type { SlimFaas } from './slimfaas.ts'
import { expectVisible } from './visibility.ts'
import { warning } from './warnings.ts'

/** `GET /job/<name>`: the runs of that job alone, the oldest first. */
export async function listJobs(c: GatewayContext, slimFaas: SlimFaas, name: string): Promise<Response> {
  const { runs } = await slimFaas.open()
  const definition = await configuredJob(runs, name)
  if (!definition) return c.json([])
  expectVisible(c, slimFaas, definition, { scope: 'read', status: 404 })
  const found = await slimFaas.lists.ask(name, () => jobRuns(runs, name, () => true, { signal: slimFaas.closing }))
  const headers =
    found.omitted > 0
      ? { Warning: warning(`The newest ${found.runs.length} are listed, ${found.omitted} older ones are not`) }
      : {}
  return c.json(found.runs.toReversed().map(jobView), 200, headers)
}
