import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Queue } from '../index.ts'
import { forEachOf } from '../for-each-of.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { type Outcome, outcomeData, outcomeOf, outcomeText } from './outcome.ts'
import { drawTable } from './output/table.ts'
import { Problem } from './problem.ts'
import { openProgress } from './progress/progress.ts'
import { saveAssets } from './save.ts'
import type { Session } from './session.ts'
import { note } from './terminal.ts'

/** What is wanted of jobs that are waited for. */
export interface Wait {
  /** Folder for the files that come back. */
  readonly save?: string | undefined
  readonly force?: boolean | undefined
  readonly timeout?: number | undefined
  /** What is said before the waiting begins, when Ctrl-C ends no more than that. */
  readonly greeting?: string | undefined
}

/**
 * Waits for jobs, saves what they hand back, and prints how they ended. The files of several jobs go into a folder each.
 * @throws Problem of the first that did not complete
 */
export async function awaitJobs(session: Session, queue: Queue, ids: readonly string[], wait: Wait): Promise<void> {
  const ended = await endsOf(session, queue, ids, wait)
  await session.print({
    data: ids.length === 1 ? (ended.map(({ data }) => data)[0] ?? null) : ended.map(({ data }) => data),
    table: await textOf(session, ended),
  })
  const saved = ended.reduce((sum, { files }) => sum + files.length, 0)
  if (wait.save !== undefined)
    note(session.terminal, `Saved ${saved} ${saved === 1 ? 'file' : 'files'} in ${wait.save}.`)
  const failures = ended.flatMap(({ outcome: { problem } }) => problem ?? [])
  const [first] = failures
  if (first === undefined) return
  throw failures.length === 1
    ? first
    : new Problem(first.exitCode, `${failures.length} jobs did not complete. The first: ${first.message}`)
}

interface End {
  readonly outcome: Outcome
  readonly files: readonly string[]
  readonly data: ReturnType<typeof outcomeData>
}

async function endsOf(session: Session, queue: Queue, ids: readonly string[], wait: Wait): Promise<readonly End[]> {
  const { save, force = false, timeout, greeting } = wait
  using interrupted = interruption(session.terminal, { advice: 'No longer waiting.' })
  if (greeting !== undefined) note(session.terminal, greeting)
  // Every job that is waited for listens.
  setMaxListeners(0, interrupted.drain)
  using progress = await openProgress(session.terminal)
  const bar = ids.length > 1 ? progress.count('jobs', ids.length) : undefined
  let done = 0
  try {
    return await forEachOf(ids, 100, async (id) => {
      const outcome = await outcomeOf(queue, id, { timeoutSeconds: timeout, signal: interrupted.drain })
      const directory = save === undefined || ids.length === 1 ? save : join(save, id)
      const files =
        outcome.result && directory !== undefined
          ? await saveAssets(outcome.result, { directory, force, progress, signal: interrupted.drain })
          : []
      bar?.at((done += 1))
      return { outcome, files, data: outcomeData(outcome, files) }
    })
  } catch (error) {
    if (!interrupted.drain.aborted) throw error
    const again = `${ids.length === 1 ? 'the job goes' : 'the jobs go'} on: ${session.typed('result', queue.name, ...ids)}`
    throw new Problem(exitCodes.interrupted, `Stopped waiting; ${again}`, { cause: error })
  }
}

async function textOf({ terminal: { out } }: Session, ended: readonly End[]): Promise<string> {
  const [only] = ended
  if (only && ended.length === 1) return outcomeText(only.outcome, out)
  const rows = ended.map(({ outcome: { id, status, result, problem } }) => [
    id,
    status,
    String(Object.keys(result?.assets ?? {}).length),
    problem?.message,
  ])
  return drawTable({ columns: ['ID', 'STATUS', 'ASSETS', 'ERROR'], rows }, out)
}
