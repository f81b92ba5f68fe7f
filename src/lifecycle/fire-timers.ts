import type { Cancellable } from '../backend.ts'
import { forEachOf } from '../for-each-of.ts'
import { inputKey } from '../protocol/keys.ts'
import { minuteOf, parseTimerKey, type Timer, timersPrefix } from '../protocol/timers.ts'
import { aheadSeconds, sendDue } from './send-due.ts'
import type { Workspace } from './workspace.ts'

/** Timers in hand at the same time. */
const concurrency = 10

/**
 * Sends the jobs whose time has come, or comes within {@link aheadSeconds}. Any number may do so at once: what is sent twice has one
 * outcome. What goes wrong with one is reported and keeps no other from its time.
 * @returns The ids of the jobs that were sent
 */
export async function fireTimers(w: Workspace, { signal }: Cancellable): Promise<readonly string[]> {
  const sent: string[] = []
  for await (const timers of dueTimers(w, { signal })) {
    await forEachOf(timers, concurrency, async (timer) => {
      try {
        if (!signal?.aborted && (await fire(w, timer, { signal }))) sent.push(timer.id)
      } catch (error) {
        if (!signal?.aborted) w.report(error)
      }
    })
  }
  return sent
}

/** From the oldest on, a page at a time; names are in the order of their times. */
async function* dueTimers(w: Workspace, { signal }: Cancellable): AsyncGenerator<readonly Timer[]> {
  for (let after: string | undefined, more = true; more;) {
    const page = await w.objects.list(timersPrefix, { after, signal })
    const timers = page.objects.map(({ key }) => parseTimerKey(key)).filter((timer) => timer !== undefined)
    const last = minuteOf(page.answeredAt.getTime() + aheadSeconds * 1000)
    yield timers.filter(({ minute }) => minute <= last)
    after = page.objects.at(-1)?.key
    more = page.more && after !== undefined && timers.every(({ minute }) => minute <= last)
  }
}

/** Sends first and removes the timer last: a crash between the two sends the job again, and loses none. */
async function fire(w: Workspace, { key, id }: Timer, options: Cancellable): Promise<boolean> {
  const info = await w.objects.head(inputKey(id), options)
  const done = info ? await sendDue(w, id, info, options) : 'removed'
  if (done === 'early') return false
  await w.objects.delete(key, options)
  return done === 'sent'
}
