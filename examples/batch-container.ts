// For containers that start when there is work: does all that is in the queue, and ends. node batch-container.ts
import { Queue, UnrecoverableError } from 'remotejob'

const queue = new Queue<{ customer: number }>('invoices')
await queue.submitMany([7, 8, 9, 0].map((customer) => ({ customer }))) // in your system somebody else does this

const worker = queue.work(
  (job) => {
    const { customer } = job.metadata
    if (customer === 0) throw new UnrecoverableError('There is no customer 0') // trying again would not help
    return { value: `invoice for customer ${customer}` }
  },
  { drain: true },
)
process.once('SIGTERM', () => void worker.close({ timeoutSeconds: 10 })) // what is not done by then goes back
await worker.done // the queue was empty for 20 seconds

const jobs = await Array.fromAsync(queue.list())
console.log(jobs.map(({ status }) => status).toSorted())
await queue.close()
