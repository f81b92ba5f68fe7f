import { Queue } from '../../../src/index.ts'
import { queueName } from '../names.ts'
import type { Task } from '../task.ts'

/** The queue, ready; where it is kept comes from the environment unless the task names a directory. */
export async function openQueue({ local }: Task): Promise<Queue> {
  const backend = local && (await import('../../../src/local.ts')).localBackend(local)
  const queue = new Queue(queueName, { leaseSeconds: 600, backend })
  await queue.ready()
  return queue
}
