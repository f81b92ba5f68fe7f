import { Queue } from '../../src/index.ts'
import { clientOptions } from '../aws/subject.ts'
import { Child } from '../children.ts'
import { build } from './build.ts'
import { tableOf } from './table.ts'

/** In MiB. */
interface Memory {
  readonly rss: number
  readonly heap: number
}

/** Jobs in all; with all records they are fewer, since each takes ten times as long. */
const counts = { none: 100_000, all: 20_000 } as const

/** The memory of a worker that works on and on. */
export async function memory(): Promise<string> {
  build()
  const tables = [await tableFor('none'), await tableFor('all')]
  return `## Memory\n\nOf a worker's process, 50 jobs at a time, after a collection of garbage.\n\n${tables.join('\n\n')}`
}

async function tableFor(records: 'none' | 'all'): Promise<string> {
  const tenth = counts[records] / 10
  await using server = new Child(new URL('../aws/server.ts', import.meta.url))
  const endpoint = await server.answer<string>()
  const options = { ...clientOptions(endpoint), records }
  await using worker = new Child(new URL('memory-worker.js', import.meta.url), [JSON.stringify(options)])
  await using queue = new Queue<{ n: number }>('memory', options)
  await queue.ready()
  const rows: (readonly (string | number)[])[] = []
  let first: Memory | undefined
  for (let part = 1; part <= 10; part += 1) {
    const done = worker.ask<Memory>({ until: part * tenth })
    await queue.submitMany(
      Array.from({ length: tenth }, (_, n) => ({ n })),
      { concurrency: 100 },
    )
    const { rss, heap } = await done
    first ??= { rss, heap }
    rows.push([part * tenth, rss.toFixed(1), heap.toFixed(1), `${(rss / first.rss).toFixed(2)} ×`])
  }
  await server.ask('wake')
  await worker.ask('close')
  const heads = [`jobs, \`'${records}'\``, 'resident, MiB', 'heap, MiB', 'resident, of the first']
  return tableOf(heads, rows)
}
