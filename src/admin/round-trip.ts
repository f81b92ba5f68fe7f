import { randomUUID } from 'node:crypto'
import type { Verdict } from '../administration.ts'
import type { Settings } from '../lifecycle/settings.ts'
import { Queue } from '../queue.ts'
import { doubtful, well, wrong } from '../verdict.ts'
import type { AdminOptions } from './administer.ts'
import { tearDown } from './tear-down.ts'

const letter = 'There and back again'

/**
 * Sends a job, does it, and waits for its result: in message queues of its own and below a folder of its own in the queue's bucket, where
 * no worker looks. They are removed again, also when something fails.
 */
export async function roundTrip({ name, place, prefix }: Settings, options: AdminOptions): Promise<Verdict> {
  const own = `${name.slice(0, 50)}-doctor-${randomUUID().slice(0, 8)}`
  const where = { ...options, statuses: ['pending'], bucket: place.bucket, prefix: `${prefix}probe/${own.slice(-15)}` }
  const began = performance.now()
  try {
    const back = await travel(own, where)
    if (back !== letter)
      return wrong(`it brought back "${back}"`, 'Look for what changes objects on their way: a proxy, a gateway.')
  } catch (error) {
    await tearDown(own, { ...where, signal: undefined }).catch(() => {})
    throw error
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const left = await leftovers(own, where)
  if (left === '') return well(`${seconds} s, the making of its queues included`)
  return doubtful(
    `${seconds} s, but its own queues could not be removed (${left})`,
    `Run \`teardown ${own}\` with credentials that may.`,
  )
}

async function travel(own: string, where: AdminOptions): Promise<string | undefined> {
  const queue = new Queue(own, where)
  const { signal } = where
  try {
    const handle = await queue.submit({ body: letter }, { signal })
    const job = await queue.next('pending', { signal })
    await job.complete({ body: await job.text() })
    const { assets } = await handle.result({ signal })
    return await assets['output']?.text()
  } finally {
    await queue.close()
  }
}

async function leftovers(own: string, where: AdminOptions): Promise<string> {
  try {
    const removed = await tearDown(own, { ...where, signal: undefined })
    return removed.flatMap(({ error }) => error?.message ?? []).join('; ')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
