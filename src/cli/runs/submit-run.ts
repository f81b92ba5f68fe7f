import type { Runs, RunState } from '../../runs.ts'
import { newRunName } from '../../runs/arrays/submit-run.ts'
import { writeJobRun } from '../../runs/vocabularies/code-engine-run.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { note } from '../terminal.ts'
import type { DefinitionOptions, RemovalOptions } from './definition-options.ts'
import { overridesFrom, withoutRemoved } from './definition-overrides.ts'
import { missing, runKind } from './missing.ts'
import { type RunsPlace, withRuns } from './place.ts'
import { runText } from './run-text.ts'
import { spoken } from './spoken.ts'
import { awaitRun, isWatched } from './watch-run.ts'

/** What `submit` and `resubmit` have in common. */
export interface Submission extends RunsPlace, DefinitionOptions {
  readonly name?: string | undefined
  readonly force?: boolean | undefined
  readonly wait?: boolean | undefined
  readonly waitTimeout: number
}

/** `remotejob jobrun submit` */
export async function submitRun(
  session: Session,
  options: Submission & { readonly job?: string | undefined },
): Promise<void> {
  const { job, name, force } = options
  const overrides = overridesFrom(options)
  if (job === undefined && name === undefined)
    throw new Problem(exitCodes.usage, 'Expected --name for the run, or --job for a job that is stored')
  const runName = name ?? newRunName(job ?? '')
  await withRuns(session, options, async (runs) => {
    const request = job === undefined ? { ...overrides, name: runName } : { ...overrides, job }
    const submit = (): Promise<string> => runs.submit({ ...request, runName }, { force })
    await spoken(session, `Submitting job run '${runName}'...`, () => announced(session, submit))
    await tell(session, runs, runName, options)
  })
}

/** `remotejob jobrun resubmit` */
export async function resubmitRun(
  session: Session,
  options: Submission & RemovalOptions & { readonly jobrun: string; readonly failed?: boolean | undefined },
): Promise<void> {
  const { jobrun, name, failed, force } = options
  const overrides = overridesFrom(options)
  await withRuns(
    session,
    options,
    async (runs) => {
      note(session.terminal, `Getting job run '${jobrun}'...`)
      const runName = name ?? newRunName(await jobOf(runs, jobrun))
      const submit = (): Promise<string> =>
        runs.resubmit(
          jobrun,
          { ...overrides, runName, failed, change: (definition) => withoutRemoved(definition, options) },
          { force },
        )
      await spoken(session, `Rerunning job run '${runName}'...`, () => announced(session, submit))
      await tell(session, runs, runName, options)
    },
    'never',
  )
}

/** The name of a run that was made from no stored job is its own, and taken. */
async function jobOf(runs: Runs, jobrun: string): Promise<string> {
  const state = await runs.get(jobrun)
  if (!state) throw missing(runKind, jobrun)
  if (state.job !== undefined) return state.job
  throw new Problem(exitCodes.usage, `Expected --name for the new run: "${jobrun}" was made from no job`)
}

async function announced(session: Session, submit: () => Promise<string>): Promise<void> {
  const name = await submit()
  note(session.terminal, `Run '${session.typed('jobrun', 'get', '-n', name)}' to check the job run status.`)
}

/** The name at once, or how it ended. */
async function tell(session: Session, runs: Runs, name: string, { wait, waitTimeout }: Submission): Promise<void> {
  const isTable = session.globals.output.kind === 'table'
  if (wait) {
    const state = await awaitRun(session, runs, name, waitTimeout)
    if (!isWatched(session)) await printRun(session, state)
    return expectSuccess(session, state)
  }
  const state = isTable ? undefined : await runs.get(name)
  await session.print({ data: state ? writeJobRun(state) : { name }, table: name })
}

/** @throws Problem */
function expectSuccess(session: Session, { name, status, failed, indexes }: RunState): void {
  if (status === 'completed') return
  const reasons = [...new Set(indexes.flatMap((one) => (one.status === 'failed' ? (one.lastFailureReason ?? []) : [])))]
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  const logs = session.typed('jobrun', 'logs', '-n', name)
  throw new Problem(exitCodes.jobFailed, `The run "${name}" failed: ${failed}${why}; ${logs}`)
}

/** Prints a run in the form that was asked for. */
export async function printRun(session: Session, state: RunState): Promise<void> {
  const isTable = session.globals.output.kind === 'table'
  await session.print({ data: writeJobRun(state), table: isTable ? await runText(state, session.terminal.out) : '' })
}
