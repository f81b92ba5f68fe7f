import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { sendMessage } from '../../lifecycle/send.ts'
import { parseIndexes } from '../definition/array-indexes.ts'
import { writeDue } from './expire-runs.ts'
import { fanOutJobId, instanceJobId, type RunId, sentPrefix } from './run-keys.ts'
import { attemptsOf, deadlineOf, readRun, type RunRecord } from './run-record.ts'

/** Instances between two notes of how far it came: so many are sent twice at most when a worker dies. */
const chunkSize = 100
/** Tries of sending them. */
const fanOutAttempts = 20

/** Asks the workers to send the instances: one message, however many there are. */
export async function sendFanOut(w: Workspace, run: RunRecord): Promise<void> {
  await sendMessage(w, 'pending', {
    v: 1,
    id: fanOutJobId(run),
    metadata: {},
    attempts: fanOutAttempts,
    submittedAt: run.submittedAt,
    group: run.name,
  })
}

/** Sends the instances that were not sent before. One that is sent twice is one job all the same. */
export async function sendInstances(w: Workspace, { name, uid }: RunId, options: Cancellable): Promise<void> {
  const run = await readRun(w, name, options)
  // Deleted meanwhile, or another one has the name by now.
  if (run?.uid !== uid) return
  const indexes = parseIndexes(run.definition.arrayIndexes)
  const { objects } = await w.objects.list(sentPrefix(run), options)
  const sent = new Set(objects.map(({ key }) => key))
  if (sent.size === 0) await writeDue(w, run)
  for (let from = 0; from < indexes.length; from += chunkSize) {
    const key = sentPrefix(run) + String(from).padStart(6, '0')
    if (sent.has(key)) continue
    options.signal?.throwIfAborted()
    await Promise.all(indexes.slice(from, from + chunkSize).map((index) => sendInstance(w, run, index)))
    await w.objects.put(key, Buffer.alloc(0))
  }
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
