import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Task } from '../task.ts'
import type { Run } from './run.ts'
import { source } from './source.ts'

export async function open(task: Task): Promise<Run> {
  return {
    async transfer() {
      await pipeline(source(task), createWriteStream(task.to ?? ''))
      return {}
    },
    close: async () => {},
  }
}
