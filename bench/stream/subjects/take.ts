import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { count } from '../count.ts'
import type { Task } from '../task.ts'
import { openQueue } from './queue.ts'
import type { Run } from './run.ts'

export async function open(task: Task): Promise<Run> {
  const queue = await openQueue(task)
  const job = await queue.next('pending', { waitSeconds: 5 })
  if (!job) throw new Error('There is no job to take')
  return {
    async transfer() {
      if (task.to === undefined) return { counted: await count(job.createReadStream(), task.withDigest) }
      await pipeline(job.createReadStream(), createWriteStream(task.to))
      return task.withDigest ? { counted: await count(createReadStream(task.to), true) } : {}
    },
    async close() {
      await job.release()
      await queue.close()
    },
  }
}
