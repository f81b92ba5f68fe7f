import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { checkRunName } from '../definition/check-definition.ts'
import { behindFolder, behindRun } from './list-runs.ts'
import { runsPrefix } from './run-keys.ts'

/** What a listing tells of a run, without a request for it. */
export interface RunOutline {
  readonly name: string
  /** When its record was written: by the clock of the store, which on S3 counts whole seconds. */
  readonly submittedAt: Date
  /** Whether a try of one of its indexes was begun. */
  readonly isBegun: boolean
}

/** Which runs. */
export interface OutlineOptions extends Cancellable {
  /** How their names begin. @default '' */
  readonly prefix?: string | undefined
  /** The name behind which the list begins: what the one before resolved. @default the first */
  readonly after?: string | undefined
  /** Runs that are looked at, at most: also those that cannot be seen any more, whose names are kept for a month. @default all */
  readonly limit?: number | undefined
}

/**
 * All runs that can be seen, in the order of their names: a request for some hundreds, since the keys of a run follow each other. A run
 * whose time to live was over a moment ago may be among them.
 * @returns the name that was looked at last, where the limit is what ended the list
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export async function* runOutlines(
  w: Workspace,
  { prefix = '', after: name, limit = Infinity, signal }: OutlineOptions,
): AsyncGenerator<RunOutline, string | undefined, undefined> {
  if (name !== undefined) checkRunName(name, 'after')
  let seen: Seen | undefined
  let count = 0
  for (let after = name === undefined ? undefined : behindRun(name), more = true; more;) {
    const page = await w.objects.list(runsPrefix + prefix, { after, signal })
    for (const { key, lastModified } of page.objects) {
      const name = /^([^/]+)\.json$/.exec(key.slice(runsPrefix.length))?.[1]
      if (name === undefined) seen = told(seen, key, lastModified)
      else {
        if (seen && !seen.isGone) yield outlineOf(seen)
        if (count >= limit) return seen?.name
        count += 1
        seen = { name, submittedAt: lastModified, isBegun: false, isGone: false }
      }
    }
    after = behindFolder(page.objects.at(-1)?.key)
    more = page.more && after !== undefined
  }
  if (seen && !seen.isGone) yield outlineOf(seen)
  return undefined
}

interface Seen extends RunOutline {
  /** Whether what can be seen of it was removed. */
  readonly isGone: boolean
}

const outlineOf = ({ name, submittedAt, isBegun }: Seen): RunOutline => ({ name, submittedAt, isBegun })

/** What a key below a run's folder tells of it; what an earlier run of the name left there is older than the run. */
function told(seen: Seen | undefined, key: string, at: Date): Seen | undefined {
  const [, name, rest] = /^([^/]+)\/[0-9a-f]{16}\/(.+)$/.exec(key.slice(runsPrefix.length)) ?? []
  if (!seen || name !== seen.name || at < seen.submittedAt) return seen
  return rest === 'gone' ? { ...seen, isGone: true } : { ...seen, isBegun: true }
}
