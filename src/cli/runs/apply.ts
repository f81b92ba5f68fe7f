import { hasCode, RemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Runs } from '../../runs.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import { referencesOf } from '../../runs/stored/references.ts'
import { canonicalJson, jsonFrom } from '../../protocol/json.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { type Described, describedBy, merged, slimFaasNames } from './described-jobs.ts'
import { documentsOf, parseDocuments, type Source } from './documents.ts'
import { type RunsPlace, withRuns } from './place.ts'

interface ApplySettings extends RunsPlace {
  readonly filename?: readonly string[] | undefined
  readonly force?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/** What becomes of a job. */
type Change = 'created' | 'changed' | 'unchanged'

/** Stores the jobs that files describe. */
export async function applyFiles(session: Session, settings: ApplySettings): Promise<void> {
  const sources = settings.filename
    ? (await Promise.all(settings.filename.map(documentsOf))).flat()
    : await fromEnvironment()
  const described = merged(await Promise.all(sources.map(describedBy)))
  check(described)
  const changes = await withRuns(
    session,
    settings,
    (runs) => apply(runs, described.definitions, settings),
    settings.dryRun ? 'never' : undefined,
  )
  await session.print({
    data: changes.map(([name, change]) => ({ name, change })),
    table: { columns: ['Name', 'Change'], rows: changes },
  })
}

async function apply(
  runs: Runs,
  definitions: readonly JobDefinition[],
  { force, dryRun }: ApplySettings,
): Promise<readonly (readonly [name: string, change: Change])[]> {
  if (!force) await checkReferences(runs, definitions)
  const planned = await forEachOf(definitions, 10, async (definition) => {
    const stored = await runs.jobs.get(definition.name)
    const change: Change = !stored ? 'created' : same(stored.definition, definition) ? 'unchanged' : 'changed'
    return { definition, change }
  })
  const wanted = dryRun ? [] : planned.filter(({ change }) => change !== 'unchanged')
  await forEachOf(wanted, 10, ({ definition, change }) => store(runs, definition, { change, force }))
  return planned.map(({ definition, change }) => [definition.name, change])
}

/** Who applies the same file at the same time may be the one that creates the job. */
async function store(
  runs: Runs,
  definition: JobDefinition,
  { change, force }: { readonly change: Change; readonly force: boolean | undefined },
): Promise<void> {
  try {
    if (change === 'created') return void (await runs.jobs.create(whole(definition), { force }))
  } catch (error) {
    if (!hasCode(error, 'ID_IN_USE')) throw error
  }
  await runs.jobs.update(definition.name, () => definition, { force })
}

/** A definition as somebody would say it: with the mode daemon, limits that it has by itself are not said. */
function whole(definition: JobDefinition): JobDefinition | Omit<JobDefinition, 'retryLimit' | 'maxExecutionSeconds'> {
  const { retryLimit: _, maxExecutionSeconds: _none, ...daemon } = definition
  return definition.mode === 'daemon' ? daemon : definition
}

function same(one: JobDefinition, other: JobDefinition): boolean {
  return canonicalJson(jsonFrom(one, 'definition')) === canonicalJson(jsonFrom(other, 'definition'))
}

/** What would be refused once the first jobs are stored is refused before. */
function check({ definitions, schedules }: Described): void {
  const names = definitions.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Problem(exitCodes.usage, `The job "${twice}" is described twice: leave one of them out`)
  if (names.length === 0) throw new Problem(exitCodes.usage, 'There is no job in what is to be applied')
  if (schedules.length > 0)
    throw new Problem(exitCodes.usage, 'Schedules cannot be applied yet: leave the member `Schedules` out')
}

async function checkReferences(runs: Runs, definitions: readonly JobDefinition[]): Promise<void> {
  const references = definitions.flatMap((job) =>
    referencesOf(job).map((reference) => ({ ...reference, job: job.name })),
  )
  if (references.length === 0) return
  const known = {
    'config map': new Set((await runs.configMaps.list()).map(({ name }) => name)),
    secret: new Set((await runs.secrets.list()).map(({ name }) => name)),
  }
  const missing = references.find(({ from, name }) => !known[from].has(name))
  if (missing)
    throw new RemoteJobError(
      'NOT_FOUND',
      `There is no ${missing.from} "${missing.name}", which the job "${missing.job}" refers to: create it first, or say --force to do that later`,
    )
}

/** A configuration of SlimFaas that the environment holds, or whose file it names. */
async function fromEnvironment(): Promise<readonly Source[]> {
  const name = slimFaasNames.find((one) => (process.env[one] ?? '').trim() !== '')
  if (name === undefined)
    throw new Problem(exitCodes.usage, `Expected --filename, or ${slimFaasNames.join(' or ')} in the environment`)
  const text = process.env[name] ?? ''
  return text.trimStart().startsWith('{') ? parseDocuments(name, text) : documentsOf(text.trim())
}
