import type { Task } from '../task.ts'
import { openQueue } from './queue.ts'
import type { Run } from './run.ts'
import { source } from './source.ts'

export async function open(task: Task): Promise<Run> {
  const queue = await openQueue(task)
  return {
    async transfer() {
      const { key } = await queue.submit({ body: source(task) })
      return { key }
    },
    close: () => queue.close(),
  }
}
