// A job that is made again and again, by any scheduler. node schedule.ts
import { Queue } from 'remotejob'
import { Schedules, tickOf } from 'remotejob/cron'

const queue = new Queue('reports')
const schedules = new Schedules(queue)
await schedules.create({
  name: 'nightly',
  cron: '30 2 * * MON-FRI',
  timeZone: 'Europe/Zurich',
  job: { kind: 'full' },
  options: { attempts: 5 },
})

// A worker that is a scheduler too. There may be many of them, on any number of machines: each tick is one job.
const worker = queue.work((job) => ({ value: tickOf(job.id)?.at.toISOString() ?? 'asked for by hand' }), {
  scheduler: true,
})
const byHand = await queue.submit({ kind: 'full' })
console.log((await byHand.result()).value)

for await (const { name, cron, timeZone, paused } of schedules.list()) console.log(name, cron, timeZone, { paused })
await schedules.pause('nightly')
console.log('rests:', (await schedules.get('nightly'))?.nextTick === undefined)
await schedules.resume('nightly')
console.log('deleted:', await schedules.delete('nightly'))
await worker.close()
await queue.close()
