import type { Cancellable } from '../backend.ts'
import { forEachOf } from '../for-each-of.ts'
import { parseHistoryKey } from '../protocol/history.ts'
import { isJsonObject, parseJson } from '../protocol/json.ts'
import { historyPrefix } from '../protocol/keys.ts'
import { parseError, type RecordedError } from '../protocol/record.ts'
import { readBytes } from './download.ts'
import { objectsBelow } from './objects-below.ts'
import type { Workspace } from './workspace.ts'

const kinds = ['started', 'failed', 'released', 'resent'] as const

/** Something that happened to a job before its end. */
export interface JobEvent {
  /** A try began (told from the second on) or failed, the job was given back, or was announced once more. */
  readonly kind: (typeof kinds)[number]
  readonly at: Date
  /** Which delivery of the job it was, from 1: more than its tries, where it was given back. */
  readonly delivery: number
  /** Why it failed; of the newest 20 failures. */
  readonly error: RecordedError | undefined
}

interface Found extends Omit<JobEvent, 'error'> {
  readonly key: string
}

const readErrors = 20

/** What happened to a job's deliveries, the oldest first. */
export async function readEvents(w: Workspace, id: string, options: Cancellable): Promise<readonly JobEvent[]> {
  const found: Found[] = []
  const prefix = historyPrefix(id)
  for await (const [name, at] of objectsBelow(w, prefix, options)) {
    const entry = parseHistoryKey(id, prefix + name)
    const kind = kinds.find((one) => one === entry?.state)
    if (entry && kind) found.push({ key: prefix + name, kind, at, delivery: entry.delivery })
  }
  const failures = found.filter(({ kind }) => kind === 'failed').slice(-readErrors)
  const errors = await forEachOf(failures, readErrors, ({ key }) => readError(w, key, options))
  return found
    .toSorted((a, b) => a.delivery - b.delivery || a.at.getTime() - b.at.getTime())
    .map((one) => {
      const { kind, at, delivery } = one
      return { kind, at, delivery, error: errors[failures.indexOf(one)] }
    })
}

async function readError(w: Workspace, key: string, options: Cancellable): Promise<RecordedError | undefined> {
  const note = parseJson((await readBytes(w.objects, key, options))?.toString() ?? '')
  return isJsonObject(note) ? parseError(note['error']) : undefined
}
