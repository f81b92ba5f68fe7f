import PgBoss from 'pg-boss'
import { payload, repeat } from '../subject.ts'

/** Its best seen: four loops that take 50 at a time. @param {import('../subject.ts').Site} site */
export async function open({ postgres, queue: name }) {
  const boss = new PgBoss({ connectionString: postgres, max: 20, supervise: false, schedule: false })
  boss.on('error', console.error)
  await boss.start()
  await boss.createQueue(name)
  return {
    send: (count) => repeat(count, () => boss.send(name, payload)),
    async work(done) {
      const take = async (jobs) => {
        for (const _ of jobs) done()
      }
      for (let loop = 0; loop < 4; loop += 1)
        await boss.work(name, { batchSize: 50, pollingIntervalSeconds: 0.5 }, take)
    },
    close: () => boss.stop({ graceful: false }),
  }
}
