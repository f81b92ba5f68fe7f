// An id of your own makes asking twice harmless: one id is one job. node own-ids.ts
import { isRemoteJobError, Queue } from 'remotejob'

const queue = new Queue('invoices')
const order = { customer: 7, body: 'three apples' }

const first = await queue.submit(order, { id: 'invoice-2026-0001' })
const again = await queue.submit(order, { id: 'invoice-2026-0001' }) // after a crash, a time-out, a double click
console.log(first.id === again.id)

// Two messages may have been sent; only one outcome is ever recorded.
const job = await queue.next()
await job.complete({ value: 'written' })
console.log((await again.result()).value, (await first.result()).value)
console.log(await queue.next('pending', { waitSeconds: 0 }))

try {
  await queue.submit({ customer: 8, body: 'one pear' }, { id: 'invoice-2026-0001' })
} catch (error) {
  if (!isRemoteJobError(error)) throw error
  console.log(error.code)
}
await queue.close()
