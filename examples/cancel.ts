// Cancelling a job that a worker has in hand. node cancel.ts
import { setTimeout as delay } from 'node:timers/promises'
import { isRemoteJobError, JobCancelledError, Queue } from 'remotejob'

const queue = new Queue('render', { leaseSeconds: 3 })
const handle = await queue.submit({ frames: 10_000 })

const job = await queue.next()
job.hold() // looks every second whether the job is still wanted
await job.progress({ frame: 1 })
console.log(await handle.status())

console.log('cancelled:', await handle.cancel())
try {
  await delay(60_000, undefined, { signal: job.signal }) // the work
} catch {
  const reason: unknown = job.signal.reason
  console.log('stopped:', isRemoteJobError(reason) && reason.code)
}
// Settling tells the worker what happened, announces it and takes the message off the queue.
await job.complete({ body: 'frames' }).catch((error: Error) => console.log(error.message))
await handle.result().catch((error: unknown) => console.log(error instanceof JobCancelledError))
await queue.close()
