/** A worker of runs, in a process of its own: works on the queue that its parent names, until the parent is done with it. */
import { Queue } from '../../src/index.ts'
import { Runs } from '../../src/runs.ts'
import { clientOptions } from '../aws/subject.ts'

process.on('message', async ({ name, endpoint }: { readonly name: string; readonly endpoint: string }) => {
  const queue = new Queue(name, clientOptions(endpoint))
  await queue.ready()
  new Runs(queue).work({ concurrency: 4 })
  process.send?.('ready')
})
process.on('disconnect', () => process.exit())
