import type { Cancellable } from '../../backend.ts'
import { hasCode, RemoteJobError } from '../../errors.ts'
import { forEachOf } from '../../for-each-of.ts'
import { readRecord } from '../../lifecycle/result.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import { refusal } from '../definition/refuse.ts'
import { runNames } from './list-runs.ts'
import { instanceJobId, type RunId } from './run-keys.ts'
import { readRun, type RunRecord } from './run-record.ts'
import { readState } from './run-state.ts'

/** Most seconds that a run waits for what it depends on. */
const longestWaitSeconds = 86_400
/** Seconds that a URL has to answer. */
const answerSeconds = 10
const mostDependencies = 100
const longestUrl = 2048

/** Whether all that a run depends on is there; `failed` when it never will be, with the reason as programs' failures have it. */
export type Readiness =
  | { readonly kind: 'ready' | 'waiting' }
  | { readonly kind: 'failed'; readonly reason: 'DependencyFailed' | 'DependencyTimedOut'; readonly message: string }

const isUrl = (dependency: string): boolean => dependency.includes('://')

/**
 * The runs that names stand for now: a run of that name, else the newest run of the job of that name. They are settled when a run is
 * submitted, so that runs never wait for each other in a ring, nor for one that came later.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND` for a name that no run and no job with a run has
 */
export async function settleDependencies(
  w: Workspace,
  dependsOn: readonly string[],
  options: Cancellable,
): Promise<readonly RunId[]> {
  if (dependsOn.length > mostDependencies)
    throw refusal('dependsOn', `${mostDependencies} names and URLs at most`, dependsOn.length)
  for (const url of dependsOn.filter(isUrl)) checkUrl(url)
  const names = dependsOn.filter((dependency) => !isUrl(dependency))
  // All runs are read for it, once for however many names.
  let newest: ReturnType<typeof newestRuns> | undefined
  return forEachOf(names, 10, async (name) => {
    const run = (await runNamed(w, name, options)) ?? (await (newest ??= newestRuns(w, options))).get(name)
    if (run) return { name: run.name, uid: run.uid }
    throw new RemoteJobError(
      'NOT_FOUND',
      `There is no run "${name}", and no run of a job "${name}", to depend on (\`dependsOn\`): submit that first`,
    )
  })
}

/** Looks whether a run can begin. */
export async function readinessOf(w: Workspace, run: RunRecord, options: Cancellable): Promise<Readiness> {
  for (const id of run.dependencies ?? []) {
    const end = await endOf(w, id, options)
    if (end === 'completed') continue
    if (end === 'open') return orTimedOut(run, `the run "${id.name}" had not completed`)
    return { kind: 'failed', reason: 'DependencyFailed', message: `It depends on the run "${id.name}", which ${end}` }
  }
  for (const url of run.definition.dependsOn.filter(isUrl))
    if (!(await answers(url, options))) return orTimedOut(run, `${url} had not answered with 2xx`)
  return { kind: 'ready' }
}

function checkUrl(url: string): void {
  const parsed = URL.parse(url)
  const isFit = url.length <= longestUrl && (parsed?.protocol === 'http:' || parsed?.protocol === 'https:')
  // Not shown: what is refused here may be a password.
  if (!isFit || parsed?.username !== '' || parsed.password !== '')
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected URLs in \`dependsOn\` to begin with http:// or https://, without a user or password, ${longestUrl} characters at most`,
    )
}

/** A name that no run can have is none of a run. */
async function runNamed(w: Workspace, name: string, options: Cancellable): Promise<RunRecord | undefined> {
  if (!/^[a-z0-9_-]{1,63}$/.test(name)) throw refusal('dependsOn', 'names of runs and jobs, and URLs', name)
  return readRun(w, name, options)
}

/** The newest run of every job, by the job's name. */
async function newestRuns(
  w: Workspace,
  options: Cancellable,
): Promise<ReadonlyMap<string, RunId & Pick<RunRecord, 'submittedAt'>>> {
  const newest = new Map<string, RunId & Pick<RunRecord, 'submittedAt'>>()
  const names = await Array.fromAsync(runNames(w, options))
  await forEachOf(names, 10, async (runName) => {
    const run = await readRun(w, runName, options)
    if (!run) return
    const { name, uid, submittedAt, definition } = run
    for (const job of [definition.name, run.job ?? definition.name])
      if (submittedAt > (newest.get(job)?.submittedAt ?? 0)) newest.set(job, { name, uid, submittedAt })
  })
  return newest
}

async function endOf(w: Workspace, id: RunId, options: Cancellable): Promise<string> {
  const run = await readRun(w, id.name, options)
  if (run?.uid !== id.uid) return 'was deleted'
  try {
    const { status } = await readState(w, run, options)
    return status === 'completed' ? 'completed' : status === 'failed' ? 'failed' : 'open'
  } catch (error) {
    if (!hasCode(error, 'RESULT_EXPIRED')) throw error
    return (await hasCompleted(w, run, options)) ? 'completed' : 'failed'
  }
}

/** What can be seen of it is gone, and how its instances ended stays known. */
async function hasCompleted(w: Workspace, run: RunRecord, options: Cancellable): Promise<boolean> {
  const records = await forEachOf(parseIndexes(run.definition.arrayIndexes), 10, (index) =>
    readRecord(w, instanceJobId({ ...run, index }), options),
  )
  return records.every((record) => record?.status === 'completed')
}

async function answers(url: string, { signal }: Cancellable): Promise<boolean> {
  const late = AbortSignal.timeout(answerSeconds * 1000)
  try {
    const answer = await fetch(url, { signal: signal ? AbortSignal.any([signal, late]) : late })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    signal?.throwIfAborted()
    return false
  }
}

function orTimedOut(run: RunRecord, what: string): Readiness {
  if (Date.now() < run.submittedAt + longestWaitSeconds * 1000) return { kind: 'waiting' }
  return { kind: 'failed', reason: 'DependencyTimedOut', message: `It waited for a day, and ${what}` }
}
