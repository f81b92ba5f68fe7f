import { forEachOf } from '../../for-each-of.ts'
import type { Runs } from '../../runs.ts'
import { mergeDefinition } from '../../runs/definition/merge.ts'
import type { StoredJob } from '../../runs/stored/jobs.ts'
import { writeJob } from '../../runs/vocabularies/code-engine-job.ts'
import { exitCodes } from '../exit-codes.ts'
import { spanText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import type { DefinitionOptions, RemovalOptions } from './definition-options.ts'
import { overridesFrom, removals, withoutRemoved } from './definition-overrides.ts'
import { deleteNamed, type DeleteOptions } from './delete-named.ts'
import { jobTable } from './job-table.ts'
import { missing } from './missing.ts'
import { type RunsPlace, withRuns } from './place.ts'
import { spoken } from './spoken.ts'

const kind = { noun: 'job', command: 'job' }

interface Named extends RunsPlace {
  readonly name: string
}

interface Forced {
  readonly force?: boolean | undefined
}

/** `remotejob job create` */
export async function createJob(
  session: Session,
  { name, force, ...options }: Named & Forced & DefinitionOptions,
): Promise<void> {
  const overrides = overridesFrom(options)
  const job = await spoken(session, `Creating job '${name}'...`, () =>
    withRuns(session, options, (runs) => runs.jobs.create({ ...overrides, name }, { force })),
  )
  await printChanged(session, job)
}

/** `remotejob job update` */
export async function updateJob(
  session: Session,
  { name, force, ...options }: Named & Forced & DefinitionOptions & RemovalOptions,
): Promise<void> {
  const overrides = overridesFrom(options)
  if (![...Object.values(overrides), ...removals.map((removal) => options[removal])].some((said) => said !== undefined))
    throw new Problem(
      exitCodes.usage,
      'Nothing is said that changes the job: remotejob job update --help shows what can be',
    )
  const change = (runs: Runs): Promise<StoredJob> =>
    runs.jobs.update(name, (job) => mergeDefinition(withoutRemoved(job, options), overrides), { force })
  const job = await spoken(session, `Updating job '${name}'...`, () => withRuns(session, options, change, 'never'))
  await printChanged(session, job)
}

/** Nothing for people to read on standard output, so that a script gets data or silence. */
async function printChanged(session: Session, job: StoredJob): Promise<void> {
  await session.print({ data: writeJob(job), table: '' })
}

/** `remotejob job get` */
export async function getJob(session: Session, { name, ...place }: Named): Promise<void> {
  const job = await withRuns(session, place, (runs) => runs.jobs.get(name), 'never')
  if (!job) throw missing(kind, name)
  await session.print({ data: writeJob(job), table: jobTable(job) })
}

/** `remotejob job list` */
export async function listJobs(
  session: Session,
  { sortBy, ...place }: RunsPlace & { readonly sortBy: 'name' | 'age' },
): Promise<void> {
  const isTable = session.globals.output.kind === 'table'
  const [listed, jobs] = await withRuns(
    session,
    place,
    async (runs) => {
      const all = await runs.jobs.list()
      const sorted = sortBy === 'name' ? all : all.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())
      return [sorted, isTable ? [] : await forEachOf(sorted, 10, ({ name }) => runs.jobs.get(name))] as const
    },
    'never',
  )
  await session.print({
    data: { jobs: jobs.flatMap((job) => (job ? [writeJob(job)] : [])) },
    table: {
      columns: ['Name', 'Age'],
      rows: listed.map(({ name, updatedAt }) => [name, spanText((Date.now() - updatedAt.getTime()) / 1000)]),
    },
  })
  if (listed.length === 0) note(session.terminal, 'There are no jobs.')
}

interface DeleteSettings extends Named, DeleteOptions {
  readonly orphanJobRuns?: boolean | undefined
}

/** `remotejob job delete` */
export async function deleteJob(session: Session, settings: DeleteSettings): Promise<void> {
  const { name, orphanJobRuns } = settings
  const words = { question: question(settings), intention: `Deleting job '${name}'...` }
  await deleteNamed(session, kind, { ...settings, ...words }, () =>
    withRuns(session, settings, (runs) => runs.jobs.delete(name, { orphanJobRuns }), 'never'),
  )
}

function question({ name, orphanJobRuns }: DeleteSettings): string {
  return orphanJobRuns ? `Delete the job "${name}"?` : `Delete the job "${name}" and all its runs?`
}
