import type { Cancellable } from '../backend.ts'
import { callOff } from '../lifecycle/fire-schedules.ts'
import type { Standing } from '../lifecycle/standing-schedules.ts'
import type { Workspace } from '../lifecycle/workspace.ts'
import { inputKey } from '../protocol/keys.ts'
import { tickId, tickOf } from '../protocol/schedule-keys.ts'

/**
 * Cancels jobs of a schedule's ticks that have not come, or that no scheduler has sent yet. It finds them by their ids, so that it can
 * be said again when the first try broke off.
 * @param isKept Whether a tick is one all the same
 */
export async function endPending(
  w: Workspace,
  { standing, now }: { readonly standing: Standing; readonly now: number },
  options: Cancellable,
  isKept: (at: number) => boolean = () => false,
): Promise<void> {
  const { name, cursors } = standing
  const done = Math.max(0, ...cursors.map(({ after }) => after)) || now
  let after = inputKey(tickId({ schedule: name, at: new Date(Math.min(done, now)) }))
  for (let more = true; more;) {
    const page = await w.objects.list(inputKey(`cron.${name}.`), { after, signal: options.signal })
    const ids = page.objects.map(({ key }) => key.slice(inputKey('').length))
    const ended = ids.filter((id) => !isKept(tickOf(id)?.at.getTime() ?? 0))
    await callOff(
      w,
      ended.map((id) => ({ id })),
      options,
    )
    after = page.objects.at(-1)?.key ?? after
    more = page.more
  }
}
