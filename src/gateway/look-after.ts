import { pause } from '../pause.ts'
import { expireUntil } from '../runs/arrays/expire-until.ts'
import { source } from '../worker.ts'
import type { House } from './house.ts'
import { forgetUntil } from './jobd/forget-until.ts'
import { jobdSettings, slurmlQueue } from './jobd/jobd-options.ts'
import { offeredQueues } from './offered-queues.ts'

/** Seconds between two looks for queues that came meanwhile. */
const intervalSeconds = 300

/**
 * Does for the queues that are offered what workers do beside their work, until the gateway closes: jobs are sent at their time, those of
 * schedules are made, dead letters are ended, and runs removed whose time to live is over, as is what jobd's jobs handed back.
 */
export async function lookAfter(house: House): Promise<void> {
  const lookedAfter = new Set<string>()
  while (!house.closing.aborted) {
    try {
      for (const { name } of await offeredQueues(house, house.closing))
        if (!lookedAfter.has(name) && (await begin(house, name))) lookedAfter.add(name)
    } catch (error) {
      if (!house.closing.aborted) house.report(error)
    }
    await pause(intervalSeconds, house.closing)
  }
}

/** False where it has to be tried again. */
async function begin(house: House, name: string): Promise<boolean> {
  const { options, queues: open, closing } = house
  try {
    const { queue } = await open.get(name)
    const jobd = jobdSettings(options.jobd)
    const onEvent = ({ error }: { readonly error?: unknown }): void => house.report(error)
    const { done } = queue.startScheduler({ signal: closing, reap: true, onEvent })
    if (isOfJobd(name, jobd.queue)) void forgetUntil(queue, jobd.keepSeconds, house)
    if (name === (options.runsQueue ?? 'runs')) void expireUntil(done, () => queue[source].open())
    return true
  } catch (error) {
    if (!closing.aborted) house.report(error)
    return false
  }
}

const isOfJobd = (name: string, queue: string): boolean => name === queue || name === slurmlQueue(queue)
