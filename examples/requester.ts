// Compresses a file on whatever machine runs worker.ts: node requester.ts <file>
import { createReadStream, createWriteStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Queue } from 'remotejob'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('Which file? node requester.ts <file>')

const queue = new Queue('compress')
const job = await queue.submit({ filename: basename(path), body: createReadStream(path) })
console.log(`submitted ${job.id}`)

const { assets, attempt } = await job.result({ timeoutSeconds: 600 })
for (const asset of Object.values(assets)) {
  // Only the last part of a name that came from elsewhere: it chooses no folder here.
  const target = basename(asset.filename ?? 'output')
  await pipeline(asset.createReadStream(), createWriteStream(target))
  console.log(`${target}: ${asset.size} bytes, at attempt ${attempt}`)
}
await queue.close()
