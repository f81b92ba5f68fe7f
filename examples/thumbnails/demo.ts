/**
 * Thumbnails of real photographs, made by a second process: `npm run demo`, or `node demo.ts <folder of photographs>`.
 * Both processes share a directory; nothing else runs. Ends with 0 if a whole PNG came back for every photograph.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Queue } from 'remotejob'
import { type Row, requestThumbnail, type Thumbnail } from './requester.ts'
import { tableOf } from './table.ts'

const photos = process.argv[2] ?? join(import.meta.dirname, 'photos')
const output = 'demo-output'
await rm(output, { recursive: true, force: true })
await mkdir(output)

// Whoever names the same directory serves the same queues; without this line both ends would use S3 and SQS.
process.env['REMOTEJOB_LOCAL'] = join(output, '.remotejob')
const rows = await withWorker(async (signal) => {
  const queue = new Queue<Thumbnail>('thumbnails')
  const names = (await readdir(photos)).filter((name) => /\.(jpe?g|png|webp|tiff?|gif|avif)$/i.test(name)).toSorted()
  const made = await Promise.all(names.map((name) => requestThumbnail(queue, join(photos, name), output, signal)))
  await queue.close()
  return made
})

console.log(tableOf(rows))
const good = rows.filter(({ error }) => error === undefined).length
console.log(`\n${good} of ${rows.length} thumbnails are in ${output}/`)
process.exitCode = good > 0 && good === rows.length ? 0 : 1

/** Runs `request` beside a worker process, which is ended afterwards; a worker that ends sooner aborts `signal`. */
async function withWorker(request: (signal: AbortSignal) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const worker = fork(join(import.meta.dirname, 'worker.ts'))
  const ended = once(worker, 'exit')
  const gone = new AbortController()
  worker.once('exit', () => gone.abort(new Error('the worker has ended')))
  try {
    return await request(gone.signal)
  } finally {
    worker.kill('SIGTERM')
    await ended
  }
}
