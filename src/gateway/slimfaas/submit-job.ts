import { hasCode, RemoteJobError } from '../../errors.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import type { RunRequest } from '../../runs/run-request.ts'
import type { Runs } from '../../runs/runs.ts'
import { slimFaasOverrides } from '../../runs/vocabularies/from-json.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { expectHarmless } from '../harmless.ts'
import { Problem } from '../problem.ts'
import { configuredJob } from './configured-jobs.ts'
import { newRunName } from './job-names.ts'
import { readJsonBody } from './json-body.ts'
import { refusalOf } from './refusal-of.ts'
import { runId } from './run-ids.ts'
import type { SlimFaas } from './slimfaas.ts'
import { expectVisible, isInside } from './visibility.ts'
import { warningsOf } from './warnings.ts'

/** Names that are tried, where another gateway makes runs of the same job in the same milliseconds. */
const mostTries = 20

/** `POST /job/<name>`: a run of what is configured under the name. */
export async function submitJob(c: GatewayContext, slimFaas: SlimFaas, name: string): Promise<Response> {
  const { runs } = await slimFaas.open()
  const { definition, body } = await readWanted(c, slimFaas, { runs, name })
  try {
    const { overrides, lowered } = slimFaasOverrides(definition, body)
    if (!isInside(c, slimFaas, 'admin')) expectHarmless(definition, overrides)
    const run = await submit(runs, name, { ...overrides, job: definition.name })
    return c.json({ Id: runId(run) }, 202, warningsOf(definition, lowered))
  } catch (error) {
    throw refusalOf(error)
  }
}

/**
 * What is configured under a name, for a caller who may use it, and what they sent.
 * @throws Problem 404 where nothing is, 400 for a job that is not for them and for what is no JSON, 413
 */
export async function readWanted(
  c: GatewayContext,
  slimFaas: SlimFaas,
  { runs, name }: { readonly runs: Runs; readonly name: string },
): Promise<{ readonly definition: JobDefinition; readonly body: unknown }> {
  const definition = await configuredJob(runs, name)
  if (!definition) throw new Problem(404, `There is no job "${name}", and no Default: add it to Configurations`)
  expectVisible(c, slimFaas, definition, { scope: 'submit', status: 400 })
  return { definition, body: await readJsonBody(c) }
}

async function submit(runs: Runs, name: string, request: RunRequest): Promise<string> {
  for (let tries = 1; ; tries += 1)
    try {
      return await runs.submit({ ...request, runName: newRunName(name) })
    } catch (error) {
      if (!hasCode(error, 'ID_IN_USE')) throw error
      if (tries === mostTries)
        throw new RemoteJobError('UNAVAILABLE', 'Others make too many runs of the job at once', { cause: error })
    }
}
