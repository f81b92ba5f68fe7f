/** A worker in a process of its own, which says how much memory it has when it has done so many jobs. */
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Queue } from '../../src/index.ts'
import { clientOptions } from '../aws/subject.ts'

/** In MiB. */
export interface Memory {
  readonly rss: number
  readonly heap: number
}

type Order = { readonly until: number } | 'close'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const [endpoint = '', given] = process.argv.slice(2)
const queue = new Queue('memory', { ...clientOptions(endpoint), records: given === 'all' ? 'all' : 'none' })
let done = 0
queue.work(() => {}, {
  concurrency: 50,
  onEvent: ({ name }) => {
    if (name === 'completed') done += 1
  },
})

process.on('message', async (order: Order) => process.send?.(await obey(order)))
process.on('disconnect', () => process.exit())

async function obey(order: Order): Promise<Memory | 'done'> {
  if (order === 'close') {
    await queue.close()
    return 'done'
  }
  while (done < order.until) await wait(20)
  collect()
  await wait(50)
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss: rss / 1024 ** 2, heap: heapUsed / 1024 ** 2 }
}
