import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { inBulk, inFlight, payload, repeat } from '../subject.ts'

// It prints a line a job, which would be what is measured.
const logger = new Logger(() => () => {})

/** With a queue of its own in the process and ends written together, as its documentation advises for speed. @param {import('../subject.ts').Site} site */
export async function open({ postgres, queue: name }) {
  const utils = await makeWorkerUtils({ logger, connectionString: postgres, maxPoolSize: 20 })
  await utils.migrate()
  let runner
  return {
    send: (count) => repeat(count, () => utils.addJob(name, payload)),
    sendMany: (count) =>
      inBulk(count, (size) => utils.addJobs(Array.from({ length: size }, () => ({ identifier: name, payload })))),
    async work(done) {
      const preset = {
        worker: {
          logger,
          concurrentJobs: inFlight,
          localQueue: { size: 500 },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
          maxPoolSize: 20,
          connectionString: postgres,
        },
      }
      runner = await run({
        logger,
        connectionString: postgres,
        preset,
        taskList: { [name]: async () => done() },
        noHandleSignals: true,
      })
    },
    async close() {
      await runner?.stop()
      await utils.release()
    },
  }
}
