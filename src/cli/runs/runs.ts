import { forEachOf } from '../../for-each-of.ts'
import type { Runs, RunSummary } from '../../runs.ts'
import { writeJobRun } from '../../runs/vocabularies/code-engine-run.ts'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { spanText } from '../output/time.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import { missing, runKind } from './missing.ts'
import { type RunsPlace, withRuns } from './place.ts'
import { spoken } from './spoken.ts'
import { printRun } from './submit-run.ts'
import { awaitRun, isWatched } from './watch-run.ts'

interface Named extends RunsPlace {
  readonly name: string
}

/** `remotejob jobrun get`: on a terminal it is drawn until it has ended. */
export async function getRun(
  session: Session,
  { name, wait = true, ...place }: Named & { readonly wait?: boolean | undefined },
): Promise<void> {
  await withRuns(
    session,
    place,
    async (runs) => {
      note(session.terminal, `Getting job run '${name}'...`)
      const state = await runs.get(name)
      if (!state) throw missing(runKind, name)
      if (!wait || state.finishedAt || !isWatched(session)) return printRun(session, state)
      await awaitRun(session, runs, name, undefined).catch((error: unknown) => {
        // Whoever ends the watching has seen enough.
        if (!(error instanceof Problem) || error.exitCode !== exitCodes.interrupted) throw error
      })
    },
    'never',
  )
}

/** `remotejob jobrun list` */
export async function listRuns(
  session: Session,
  { job, sortBy, ...place }: RunsPlace & { readonly job?: string | undefined; readonly sortBy: 'name' | 'age' },
): Promise<void> {
  const isTable = session.globals.output.kind === 'table'
  const [listed, states] = await withRuns(
    session,
    place,
    async (runs) => {
      const all = await runs.list({ job, sortBy })
      // One that went meanwhile is none.
      const look = ({ name }: RunSummary) => runs.get(name).catch(() => undefined)
      return [all, isTable ? [] : await forEachOf(all, 10, look)] as const
    },
    'never',
  )
  await session.print({
    data: { job_runs: states.flatMap((state) => (state ? [writeJobRun(state)] : [])) },
    table: {
      columns: ['Name', 'Failed', 'Pending', 'Requested', 'Running', 'Succeeded', 'Unknown', 'Age'],
      rows: listed.map(({ name, submittedAt, counts }) => [
        name,
        ...[counts.failed, counts.pending, counts.requested, counts.running, counts.succeeded, counts.unknown].map(
          String,
        ),
        spanText((Date.now() - submittedAt.getTime()) / 1000),
      ]),
    },
  })
  if (listed.length === 0) note(session.terminal, 'There are no job runs.')
}

/** What `jobrun delete` is told: one run, or all those of a job. */
export interface Deletion extends RunsPlace {
  readonly name?: string | undefined
  readonly job?: string | undefined
  readonly force?: boolean | undefined
  readonly ignoreNotFound?: boolean | undefined
}

/** `remotejob jobrun delete` */
export async function deleteRuns(
  session: Session,
  { name, job, force, ignoreNotFound, ...place }: Deletion,
): Promise<void> {
  if ((name === undefined) === (job === undefined))
    throw new Problem(exitCodes.usage, 'Expected one of --name and --job: a run, or all runs of a job')
  const what = name === undefined ? `all runs of the job "${job}"` : `the run "${name}"`
  if (!force) await confirm(session.terminal, `Delete ${what}? What runs is stopped.`, 'say --force')
  await withRuns(
    session,
    place,
    async (runs) => {
      const names = name === undefined ? (await runs.list({ job })).map((run) => run.name) : [name]
      if (names.length === 0 && !ignoreNotFound)
        throw new Problem(
          exitCodes.notFound,
          `There are no runs of a job "${job}": remotejob jobrun list shows what there is`,
        )
      for (const one of names) await deleteOne(session, runs, one, ignoreNotFound)
    },
    'never',
  )
}

async function deleteOne(
  session: Session,
  runs: Runs,
  name: string,
  ignoreNotFound: boolean | undefined,
): Promise<void> {
  await spoken(session, `Deleting job run '${name}'...`, async () => {
    if (!(await runs.delete(name)) && !ignoreNotFound) throw missing(runKind, name)
  })
}

/** `remotejob jobrun restart` */
export async function restartRun(session: Session, { name, ...place }: Named): Promise<void> {
  const indexes = await spoken(session, `Restarting the running instances of job run '${name}'...`, () =>
    withRuns(session, place, (runs) => runs.restart(name), 'never'),
  )
  await session.print({ data: { name, restarted_indices: indexes }, table: indexes })
  if (indexes === '') note(session.terminal, 'None of its instances is running.')
}
