import { SQSClient } from '@aws-sdk/client-sqs'
import { Consumer } from 'sqs-consumer'
import { Producer } from 'sqs-producer'
import { clientOptions, payload } from '../subject.ts'

const body = JSON.stringify(payload)

/**
 * `sqs-producer` and `sqs-consumer`. A variant is the number of consumers.
 * @param {import('../subject.ts').Site} site
 * @param {string} variant
 */
export async function open({ endpoint, queue }, variant) {
  const sqs = new SQSClient(clientOptions(endpoint))
  const queueUrl = `${endpoint}/000000000000/${queue}-pending`
  const producer = Producer.create({ queueUrl, sqs })
  return {
    async send(count) {
      // An array is sent by tens, one request after the other, so several at a time is its best.
      for (let left = count; left > 0; left -= 320) {
        const tens = Array.from({ length: Math.min(32, left / 10) }, () =>
          Array.from({ length: 10 }, (_, index) => ({ id: String(index), body })),
        )
        await Promise.all(tens.map((ten) => producer.send(ten)))
      }
    },
    async work(count) {
      let left = count
      const { promise, resolve, reject } = Promise.withResolvers()
      const consumers = Array.from({ length: Number(variant) }, () => {
        const consumer = Consumer.create({
          queueUrl,
          sqs,
          batchSize: 10,
          handleMessageBatch: async (messages) => messages,
        })
        consumer.on('response_processed', () => left <= 0 && resolve())
        consumer.on('message_processed', () => (left -= 1))
        consumer.on('error', reject)
        consumer.start()
        return consumer
      })
      await promise
      for (const consumer of consumers) consumer.stop({ abort: true })
    },
    async close() {
      sqs.destroy()
    },
  }
}
