import { Squiss } from 'squiss-ts'
import { clientOptions, payload } from '../subject.ts'

/**
 * `squiss-ts`. A variant is the number of messages in flight.
 * @param {import('../subject.ts').Site} site
 * @param {string} variant
 */
export async function open({ endpoint, queue }, variant) {
  const squiss = new Squiss({
    awsConfig: clientOptions(endpoint),
    queueUrl: `${endpoint}/000000000000/${queue}-pending`,
    bodyFormat: 'json',
    maxInFlight: Number(variant),
    receiveBatchSize: 10,
    deleteBatchSize: 10,
    deleteWaitMs: 20,
    maxMessageBytes: 1_048_576,
  })
  return {
    async send(count) {
      await squiss.sendMessages(Array.from({ length: count }, () => payload))
    },
    async work(count) {
      let left = count
      const { promise, resolve, reject } = Promise.withResolvers()
      squiss.on('message', (message) => message.del().catch(reject))
      squiss.on('deleted', () => --left === 0 && resolve())
      squiss.on('error', reject)
      await squiss.start()
      await promise
    },
    async close() {
      await squiss.stop(false)
    },
  }
}
