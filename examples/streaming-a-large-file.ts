// A gigabyte (or as many MiB as you say) through a job, never more than a few of them in memory.
// node streaming-a-large-file.ts [MiB]
import { createHash, randomBytes } from 'node:crypto'
import { pipeline } from 'node:stream'
import { createDeflateRaw } from 'node:zlib'
import { Queue } from 'remotejob'

const mebibytes = Number(process.argv[2] ?? 1024)
const queue = new Queue('large')

// An async generator: nobody knows how long it will be.
async function* numbers(): AsyncGenerator<Buffer> {
  const chunk = Buffer.concat([randomBytes(2 ** 19), Buffer.alloc(2 ** 19)])
  for (let index = 0; index < mebibytes; index += 1) yield chunk
}

const [result] = await Promise.all([request(), work()])
const { output } = result.assets
if (!output) throw new Error('The worker handed nothing back')

const hash: AsyncIterable<Buffer> = pipeline(output.createReadStream(), createHash('sha256'), () => {})
for await (const digest of hash) console.log(`sha256 ${digest.toString('hex')} of what came back`)
console.log(`${mebibytes} MiB became ${(output.size / 2 ** 20).toFixed(1)} MiB`)
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`)
await queue.close()

async function request() {
  const handle = await queue.submit({ filename: 'numbers.bin', body: numbers() })
  return await handle.result()
}

async function work(): Promise<void> {
  const job = await queue.next()
  job.hold() // it may take longer than `leaseSeconds`
  const body = pipeline(job.createReadStream(), createDeflateRaw({ level: 1 }), () => {})
  await job.complete({ filename: 'numbers.deflate', body })
}
