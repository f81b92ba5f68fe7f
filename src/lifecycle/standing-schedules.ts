import type { Cancellable } from '../backend.ts'
import { type Cursor, parseScheduleKey } from '../protocol/schedule-keys.ts'
import type { Workspace } from './workspace.ts'

/** A schedule as the names of its objects show it. */
export interface Standing {
  readonly name: string
  /** When and how large its `schedule.json` was written; undefined when there is none, and the rest is what a deletion left. */
  readonly written: { readonly at: number; readonly size: number } | undefined
  readonly isPaused: boolean
  readonly cursors: readonly Cursor[]
}

/** Schedules, and what time it was by the store's clock when they were read. */
export interface Standings {
  readonly schedules: readonly Standing[]
  readonly now: number
}

/** Reads how the schedules stand whose keys begin with `prefix`: a request for about 300 of them. */
export async function standingSchedules(w: Workspace, prefix: string, { signal }: Cancellable): Promise<Standings> {
  const found = new Map<string, Standing>()
  let now = 0
  for (let after: string | undefined, more = true; more;) {
    const page = await w.objects.list(prefix, { after, signal })
    for (const { key, size, lastModified } of page.objects) {
      const object = parseScheduleKey(key)
      if (!object) continue
      const { name, what } = object
      const before = found.get(name) ?? { name, written: undefined, isPaused: false, cursors: [] }
      found.set(name, { ...before, ...shown(before, what, { at: lastModified.getTime(), size }) })
    }
    now = page.answeredAt.getTime()
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined
  }
  return { schedules: [...found.values()], now }
}

function shown(
  { cursors }: Standing,
  what: 'schedule' | 'paused' | Cursor,
  written: Standing['written'],
): Partial<Standing> {
  switch (what) {
    case 'schedule':
      return { written }
    case 'paused':
      return { isPaused: true }
    default:
      return { cursors: [...cursors, what] }
  }
}

/** How far a schedule came. */
export function cursorOf(
  { cursors }: Standing,
  { uid, from }: { readonly uid: string; readonly from: number },
): number {
  return Math.max(from, ...cursors.filter((cursor) => cursor.uid === uid).map(({ after }) => after))
}
