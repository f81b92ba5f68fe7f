import { setTimeout as wait } from 'node:timers/promises'
import { Queue } from '../../src/index.ts'
import { clientOptions } from '../aws/subject.ts'
import { Child } from '../children.ts'
import { tableOf } from './table.ts'

const jobs = 100
/** Milliseconds by which the server answers late. */
const delay = 15

/** Round trips that cannot be left out, with a long poll that is out already. */
const needed = {
  // A look for a result; a result, the word of it, and a read.
  all: { start: 1, end: 3 },
  // Nothing; the word, which has the result with it.
  none: { start: 0, end: 1 },
} as const

/** How long jobs wait that meet an idle worker, and requesters whose jobs are done. */
export async function latency(): Promise<string> {
  await using server = new Child(new URL('../aws/server.ts', import.meta.url))
  const endpoint = await server.answer<string>()
  await server.ask({ delays: { sqs: delay, put: delay, get: delay } })
  const rows = [...(await rowsOf('all', endpoint, server)), ...(await rowsOf('none', endpoint, server))]
  const heads = ['', 'round trips', 'p50, ms', 'p99, ms', 'p50 of the round trips', 'p99 of the round trips']
  return `## Waiting\n\n${jobs} jobs one after the other, ${delay} ms from the server, with \`replies: true\`.\n\n${tableOf(heads, rows)}`
}

async function rowsOf(records: 'all' | 'none', endpoint: string, server: Child) {
  const queue = new Queue<{ n: number }>(`latency-${records}`, { ...clientOptions(endpoint), records, replies: true })
  const starts: number[] = []
  const ends: number[] = []
  let started = Promise.withResolvers<number>()
  let returned = 0
  queue.work(() => {
    started.resolve(performance.now())
    returned = performance.now()
  })
  for (let n = 0; n < jobs + 10; n += 1) {
    started = Promise.withResolvers()
    const handle = await queue.submit({ n })
    const submitted = performance.now()
    const result = handle.result()
    const began = await started.promise
    await result
    const ended = performance.now()
    // The first ones warm up.
    if (n >= 10) {
      starts.push(Math.max(0, began - submitted))
      ends.push(ended - returned)
    }
    // The worker is idle again, its next poll out.
    await wait(150)
  }
  await server.ask('wake')
  await queue.close()
  return [
    rowOf(`\`'${records}'\`: from \`submit\` resolving to the handler`, needed[records].start, starts),
    rowOf(`\`'${records}'\`: from the handler's return to \`result()\` resolving`, needed[records].end, ends),
  ]
}

function rowOf(what: string, roundTrips: number, times: readonly number[]): readonly (string | number)[] {
  const sorted = times.toSorted((a, b) => a - b)
  const [p50 = NaN, p99 = NaN] = [0.5, 0.99].map((part) => sorted[Math.ceil(part * sorted.length) - 1])
  const ratio = (time: number): string => (roundTrips === 0 ? '' : `${(time / (roundTrips * delay)).toFixed(2)} ×`)
  return [what, roundTrips, p50.toFixed(1), p99.toFixed(1), ratio(p50), ratio(p99)]
}
