// A third party that hears of every job that completed, and takes each off the status queue. node finished-jobs.ts
import { Queue } from 'remotejob'

const queue = new Queue('notify')

await queue.submit({ customer: 7, body: 'the text' })
const work = await queue.next()
await work.complete([
  { key: 'report.txt', body: 'all is well' },
  { key: 'log.txt', body: 'nothing to see' },
])

const finished = await queue.next('completed')
const { attempt, finishedAt, assets } = await finished.result()
console.log(finished.metadata, `completed at attempt ${attempt}`, finishedAt)
for (const [name, asset] of Object.entries(assets)) console.log(`${name} (${asset.contentType}): ${await asset.text()}`)
await finished.acknowledge() // off the `completed` queue; the result stays
await queue.close()
