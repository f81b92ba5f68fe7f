/**
 * Makes thumbnails until it is told to stop (Ctrl-C, or SIGTERM). Start as many as you like:
 *
 *     REMOTEJOB_LOCAL=./jobs node worker.ts
 */
import { parse } from 'node:path'
import { pipeline } from 'node:stream'
import { Queue } from 'remotejob'
import sharp from 'sharp'
import type { Thumbnail } from './requester.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

const queue = new Queue<Thumbnail>('thumbnails')
for await (const job of queue.jobs('pending', { signal: stop.signal })) {
  const { filename, pixels } = job.metadata
  const resize = sharp().resize({ width: pixels, height: pixels, fit: 'inside' }).png()
  try {
    // The photograph streams in while the thumbnail streams out; what breaks on either side breaks `body`.
    const body = pipeline(job.createReadStream(), resize, () => {})
    await job.complete({ filename: `${parse(filename).name}.png`, body })
  } catch (error) {
    await job.fail(error)
  }
}
await queue.close()
