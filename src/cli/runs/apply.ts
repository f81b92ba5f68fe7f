import { Schedules } from '../../cron.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Queue } from '../../index.ts'
import type { Runs } from '../../runs.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { planJobs, storeJob } from '../../runs/stored/apply-jobs.ts'
import { planSchedules, storeSchedule } from '../../runs/vocabularies/slimfaas-schedules.ts'
import { checkReferences } from './check-references.ts'
import { type Described, describedIn } from './described-jobs.ts'
import { documentsOf, type Source } from './documents.ts'
import { slimFaasNames, slimFaasSources } from './slimfaas-sources.ts'
import { type RunsPlace, withRuns } from './place.ts'

interface ApplySettings extends RunsPlace {
  readonly filename?: readonly string[] | undefined
  readonly force?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/** Something that was described, and what became of it. */
interface Row {
  readonly kind: 'job' | 'schedule'
  readonly name: string
  readonly change: string
}

/** Stores what files describe: jobs, and with SlimFaas's configuration their schedules. */
export async function applyFiles(session: Session, settings: ApplySettings): Promise<void> {
  const { filename, dryRun } = settings
  const sources = filename ? (await Promise.all(filename.map(documentsOf))).flat() : await fromEnvironment()
  const described = await describedIn(sources)
  checkNames(described)
  const rows = await withRuns(
    session,
    settings,
    (runs, queue) => apply({ runs, queue }, described, settings),
    dryRun ? 'never' : undefined,
  )
  await session.print({
    data: rows.map((row) => ({ ...row })),
    table: { columns: ['Kind', 'Name', 'Change'], rows: rows.map(({ kind, name, change }) => [kind, name, change]) },
  })
}

/** All is checked and planned before the first thing is stored. */
async function apply(
  { runs, queue }: { readonly runs: Runs; readonly queue: Queue },
  described: Described,
  { force, dryRun }: ApplySettings,
): Promise<readonly Row[]> {
  if (!force) await checkReferences(runs, described.definitions)
  const all = new Schedules(queue)
  const jobs = await planJobs(runs.jobs, described.definitions)
  const schedules = described.scheduled.length > 0 ? await planSchedules(all, described) : []
  if (!dryRun) {
    await forEachOf(jobs, 10, (job) => storeJob(runs.jobs, job, { force }))
    await forEachOf(schedules, 10, (schedule) => storeSchedule({ runs, schedules: all }, schedule))
  }
  return [
    ...jobs.map(({ definition, change }) => ({ kind: 'job', name: definition.name, change }) as const),
    ...schedules.map(({ name, change }) => ({ kind: 'schedule', name, change }) as const),
  ]
}

function checkNames({ definitions }: Described): void {
  const names = definitions.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new Problem(exitCodes.usage, `The job "${twice}" is described twice: leave one of them out`)
  if (names.length === 0) throw new Problem(exitCodes.usage, 'There is no job in what is to be applied')
}

async function fromEnvironment(): Promise<readonly Source[]> {
  const sources = await slimFaasSources()
  if (sources) return sources
  throw new Problem(exitCodes.usage, `Expected --filename, or ${slimFaasNames.join(' or ')} in the environment`)
}
