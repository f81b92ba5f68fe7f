import type { Cancellable } from '../../backend.ts'
import { RetryAfterError, UnrecoverableError } from '../../job-errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import { sendMessage } from '../../lifecycle/send.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import { readinessOf } from './dependencies.ts'
import { fanOutJobId, instanceJobId, readyKey, type RunId, sentPrefix } from './run-keys.ts'
import { attemptsOf, deadlineOf, expectRun, readRun, type RunRecord } from './run-record.ts'

/** Instances between two notes of how far it came: so many are sent twice at most when a worker dies. */
const chunkSize = 100
/** Seconds for which a run rests that had all it depends on a moment ago, and has it no more. */
const longestRestSeconds = 60
/** Tries of sending them. */
const fanOutAttempts = 20

/** Asks the workers to send the instances: one message, however many there are. */
export async function sendFanOut(w: Workspace, run: RunRecord): Promise<void> {
  await sendMessage(w, 'pending', {
    v: 1,
    id: fanOutJobId(run),
    // Whoever is offered the job sees in it that it may have to wait.
    metadata: run.definition.dependsOn.length === 0 ? {} : { waits: true },
    attempts: fanOutAttempts,
    submittedAt: run.submittedAt,
    group: run.name,
  })
}

/** Whether the instances can be sent: what the run depends on is there, or will never be. */
export async function isSendable(w: Workspace, { name, uid }: RunId, options: Cancellable): Promise<boolean> {
  const run = await readRun(w, name, options)
  return run?.uid !== uid || run.readyAt !== undefined || (await readinessOf(w, run, options)).kind !== 'waiting'
}

/**
 * Sends the instances that were not sent before. One that is sent twice is one job all the same.
 * @throws UnrecoverableError when the run will never have what it depends on
 */
export async function sendInstances(w: Workspace, { name, uid }: RunId, options: Cancellable): Promise<void> {
  const found = await readRun(w, name, options)
  // Deleted meanwhile, or another one has the name by now.
  if (found?.uid !== uid) return forgetSent(w, { name, uid }, options)
  const { objects } = await w.objects.list(sentPrefix(found), options)
  const sent = new Set(objects.map(({ key }) => key))
  const run = await readied(w, found, options)
  const indexes = parseIndexes(run.definition.arrayIndexes)
  for (let from = 0; from < indexes.length; from += chunkSize) {
    const key = sentPrefix(run) + String(from).padStart(6, '0')
    if (sent.has(key)) continue
    options.signal?.throwIfAborted()
    await Promise.all(indexes.slice(from, from + chunkSize).map((index) => sendInstance(w, run, index)))
    await w.objects.put(key, Buffer.alloc(0))
  }
  // Whoever deletes the run looks for these notes afterwards: one of the two sees the other.
  if ((await readRun(w, name, options))?.uid !== uid) await forgetSent(w, run, options)
}

/** Of a run that is gone nobody needs to know how far its sending came. */
async function forgetSent(w: Workspace, run: RunId, options: Cancellable): Promise<void> {
  for await (const [rest] of objectsBelow(w, sentPrefix(run), options)) await w.objects.delete(sentPrefix(run) + rest)
}

/** Its time begins to count when all that it depends on is there; once that was so it stays so. */
async function readied(w: Workspace, run: RunRecord, options: Cancellable): Promise<RunRecord> {
  if (run.definition.dependsOn.length === 0 || run.readyAt !== undefined) return run
  const readiness = await readinessOf(w, run, options)
  if (readiness.kind === 'failed')
    throw Object.assign(new UnrecoverableError(readiness.message), { code: readiness.reason })
  if (readiness.kind === 'waiting') throw new RetryAfterError(longestRestSeconds)
  await w.objects.putIfAbsent(readyKey(run), Buffer.alloc(0), options)
  return expectRun(w, run.name, options)
}

async function sendInstance(w: Workspace, run: RunRecord, index: number): Promise<void> {
  const deadline = deadlineOf(run)
  await sendMessage(w, 'pending', {
    v: 1,
    id: instanceJobId({ ...run, index }),
    metadata: {},
    attempts: attemptsOf(run.definition),
    submittedAt: run.submittedAt,
    expiresAt: Number.isFinite(deadline) ? deadline : undefined,
    group: run.name,
  })
}
