/**
 * A worker in a process of its own, which says how much memory it has when it has done so many jobs. It is of the package as it is
 * built, and needs nothing compiled: a compiler in the process would be most of what is measured.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Queue } from '../../dist/index.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const queue = new Queue('memory', JSON.parse(process.argv[2] ?? ''))
let done = 0
queue.work(() => {}, {
  concurrency: 50,
  onEvent: ({ name }) => {
    if (name === 'completed') done += 1
  },
})

process.on('message', async (order) => process.send?.(await obey(order)))
process.on('disconnect', () => process.exit())

async function obey(order) {
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
