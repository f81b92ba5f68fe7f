import { Queue, Worker } from 'bullmq'
import { inBulk, inFlight, payload, repeat } from '../subject.ts'

/**
 * A variant is `kept`, its default: done jobs stay in Redis; or `removed`.
 * @param {import('../subject.ts').Site} site
 * @param {string} variant
 */
export async function open({ redisPort, queue }, variant) {
  const name = `${queue}-${variant}`
  const removeOnComplete = variant === 'removed'
  const connection = { host: '127.0.0.1', port: redisPort }
  const jobs = new Queue(name, { connection })
  await jobs.waitUntilReady()
  let worker
  return {
    send: (count) => repeat(count, () => jobs.add('job', payload, { removeOnComplete })),
    sendMany: (count) =>
      inBulk(count, (size) =>
        jobs.addBulk(Array.from({ length: size }, () => ({ name: 'job', data: payload, opts: { removeOnComplete } }))),
      ),
    async work(done) {
      worker = new Worker(name, async () => {}, { connection, concurrency: inFlight })
      worker.on('completed', done)
      worker.on('error', console.error)
    },
    async close() {
      await worker?.close()
      await jobs.close()
    },
  }
}
