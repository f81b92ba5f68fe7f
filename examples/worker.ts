// Compresses files for requester.ts, one at a time, until SIGTERM or Ctrl-C: node worker.ts
import { pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Job, Queue } from 'remotejob'

const stop = new AbortController()
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => stop.abort())

const queue = new Queue('compress')
console.log('waiting for jobs')
for await (const job of queue.jobs('pending', { signal: stop.signal })) {
  job.hold() // renews the lease until the job ends
  await work(job).catch((error: unknown) => giveUp(job, error))
}
await queue.close() // the job in hand is done; nothing more is taken

async function work(job: Job): Promise<void> {
  // pipeline, and not pipe: a download that fails makes the last stream fail, and so `complete`
  const body = pipeline(job.createReadStream(), createGzip(), () => {})
  await job.complete({ filename: `${job.filename ?? 'input'}.gz`, body })
  console.log(`completed ${job.id}`)
}

/** Tries again later as often as the requester allows; then the job has failed. */
async function giveUp(job: Job, error: unknown): Promise<void> {
  console.error(`attempt ${job.attempt} of ${job.attempts} at ${job.id}:`, error)
  try {
    if (job.attempt < job.attempts) await job.release({ delaySeconds: Math.min(900, 2 ** job.attempt), error })
    else await job.fail(error)
  } catch (late) {
    console.error('It was cancelled, or is another worker’s by now:', late)
  }
}
