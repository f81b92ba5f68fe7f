import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import { objectsBelow } from '../../lifecycle/objects-below.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { logsPrefix } from '../../protocol/keys.ts'
import { parseLogKey } from '../../protocol/logs.ts'
import { type InstanceId, instanceJobId, parseStateKey, runFolder } from './run-keys.ts'

/** Tries of a daemon that are remembered; between two tidyings there are twice as many. */
const kept = 10

/**
 * A daemon is tried for ever: what is noted and logged of its older tries is removed, every tenth time. The newest note says how many
 * there were, so nothing is counted wrongly for it.
 */
export async function forgetTries(
  w: Workspace,
  instance: InstanceId,
  attempt: number,
  options: Cancellable = {},
): Promise<void> {
  if (attempt % kept !== 0) return
  const id = instanceJobId(instance)
  const isOld = (tried: number | undefined): boolean => tried !== undefined && tried <= attempt - kept
  const notes = `${runFolder(instance)}${instance.index}/`
  for await (const [rest] of objectsBelow(w, notes, options))
    if (isOld(parseStateKey(instance, notes + rest)?.attempt)) await w.objects.delete(notes + rest)
  const logs = logsPrefix(id)
  const old: string[] = []
  for await (const [rest] of objectsBelow(w, logs, options)) {
    // In the order in which they were written.
    if (!isOld(parseLogKey(id, logs + rest)?.attempt)) break
    old.push(logs + rest)
  }
  await forEachOf(old, 20, (key) => w.objects.delete(key))
}
