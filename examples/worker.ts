// Compresses files for requester.ts until SIGTERM or Ctrl-C, several at a time: node worker.ts
import { pipeline } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Job, Queue, type WorkerEvent } from 'remotejob'

const queue = new Queue('compress')
queue.work(compress, { concurrency: 4, onEvent: report })
console.log('waiting for jobs')

// Takes nothing more, and finishes what is in hand. A handler that still runs after 30 seconds gives its job back.
for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => void queue.close())

/** What is returned becomes the job's result; what is thrown is tried again, as often as the requester allows. */
function compress(job: Job) {
  // pipeline, and not pipe: a download that fails makes the last stream fail, and so the attempt
  const body = pipeline(job.createReadStream(), createGzip(), () => {})
  return { filename: `${job.filename ?? 'input'}.gz`, body }
}

function report({ name, jobId, attempt, error }: WorkerEvent): void {
  if (name === 'completed') console.log(`completed ${jobId}`)
  if (error !== undefined) console.error(`${name} ${jobId ?? ''}, attempt ${attempt ?? '?'}:`, error)
}
