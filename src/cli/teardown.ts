import type { Removal, Removed } from '../administration.ts'
import { confirm } from './confirm.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { drawTable, type Table } from './output/table.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'
import { type Bar, openProgress } from './progress/progress.ts'
import type { Session } from './session.ts'
import { note } from './terminal.ts'

/** What `teardown` is told. */
export interface TearDownSettings extends Place {
  readonly dryRun?: boolean | undefined
  readonly yes?: boolean | undefined
}

/** Shows what goes, asks, and removes it. */
export async function tearDownQueue(session: Session, name: string, settings: TearDownSettings): Promise<void> {
  const { tearDown, tearDownPlan } = await import('../admin.ts')
  const { dryRun, yes, ...place } = settings
  const options = await session.options(place)
  if (dryRun || !yes) {
    const plan = await tearDownPlan(name, options)
    if (dryRun) return printPlan(session, plan)
    session.terminal.err.write(`${await drawTable(tableOf(plan), session.terminal.err)}\n`)
    await confirm(session.terminal, `Remove all this of queue "${name}", for good?`)
  }
  const removed = await remove(session, async (onProgress, signal) =>
    tearDown(name, { ...options, onProgress, signal }),
  )
  await session.print({ data: removed.map(dataOf), table: tableOf(removed) })
  const left = removed.flatMap(({ error }) => error ?? [])
  const [first] = left
  if (first)
    throw new Problem(exitCodes.error, `Not all of it is gone: ${first.message}. Run it again to go on`, {
      cause: first,
    })
}

async function printPlan(session: Session, plan: readonly Removal[]): Promise<void> {
  await session.print({ data: plan.map(dataOf), table: tableOf(plan) })
  note(session.terminal, 'Nothing was removed.')
}

type Doing = (
  onProgress: (kind: Removal['kind'], count: number) => void,
  signal: AbortSignal,
) => Promise<readonly Removed[]>

/** Ctrl-C ends it between two requests; what is gone by then is gone, and another run goes on. */
async function remove({ terminal }: Session, doing: Doing): Promise<readonly Removed[]> {
  using interrupted = interruption(terminal, { advice: 'Stopping.' })
  using progress = await openProgress(terminal)
  const counters = new Map<string, Bar>()
  const tell = (kind: Removal['kind'], count: number): void => {
    const bar = counters.get(kind) ?? progress.count(kind)
    counters.set(kind, bar)
    bar.at(count)
  }
  try {
    return await doing(tell, interrupted.drain)
  } catch (error) {
    if (!interrupted.drain.aborted) throw error
    throw new Problem(exitCodes.interrupted, 'Stopped half-way: run it again to go on', { cause: error })
  }
}

function tableOf(removals: readonly (Removal | Removed)[]): Table {
  return {
    columns: ['KIND', 'NAME', 'COUNT', 'NOTE'],
    rows: removals.map((one) => [
      one.kind,
      one.name,
      String(one.count),
      'error' in one && one.error ? one.error.message : one.stays,
    ]),
  }
}

function dataOf(one: Removal | Removed) {
  const error = 'error' in one ? one.error : undefined
  return { kind: one.kind, name: one.name, count: one.count, stays: one.stays ?? null, error: error?.message ?? null }
}
