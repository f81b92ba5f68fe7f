// A job whose time comes later, sent by any scheduler; up to 15 minutes none is needed. node later.ts
import { Queue } from 'remotejob'

const queue = new Queue('reports')
const inAnHour = { id: 'report-2027-01', runAt: new Date(Date.now() + 3_600_000) }
const report = await queue.submit({ month: '2027-01' }, inAnHour)
console.log(`${report.id} is ${await report.status()}`)

// Asking again makes no second job, and does not hurry the first.
await queue.submit({ month: '2027-01' }, inAnHour)

// A worker that is a scheduler too. There may be many of them, on any number of machines.
const worker = queue.work((job) => ({ value: job.metadata }), { scheduler: true })
const soon = await queue.submit({ month: '2026-12' }, { delaySeconds: 1 })
console.log('done', (await soon.result()).value)

// Until its time has come a job can be called off like any other.
console.log('cancelled:', await report.cancel())
await worker.close()
await queue.close()
