import PgBoss from 'pg-boss'
import { inBulk, payload, repeat } from '../subject.ts'

/** Its best seen: four loops that take 50 at a time, and after a full batch the next without a pause. @param {import('../subject.ts').Site} site */
export async function open({ postgres, queue: name }) {
  const boss = new PgBoss({ connectionString: postgres, max: 20, supervise: false, schedule: false })
  boss.on('error', console.error)
  await boss.start()
  await boss.createQueue(name)
  return {
    send: (count) => repeat(count, () => boss.send(name, payload)),
    sendMany: (count) =>
      inBulk(count, (size) => boss.insert(Array.from({ length: size }, () => ({ name, data: payload })))),
    async work(done) {
      const options = { batchSize: 50, pollingIntervalSeconds: 0.5 }
      for (let loop = 0; loop < 4; loop += 1) {
        const id = await boss.work(name, options, async (jobs) => {
          for (const _ of jobs) done()
          if (jobs.length === options.batchSize) boss.notifyWorker(id)
        })
      }
    },
    close: () => boss.stop({ graceful: false }),
  }
}
