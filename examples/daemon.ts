/** A program that is to run for ever: it is begun again when it fails, here or on another machine, until its run is deleted. */
import { Queue } from 'remotejob'
import { Runs } from 'remotejob/runs'

const { JOB_MODE, JOB_INDEX_RETRY_COUNT = '' } = process.env

if (JOB_MODE === 'daemon') live(Number(JOB_INDEX_RETRY_COUNT))
else await look()

/** What the program does: its first life ends badly. */
function live(retries: number) {
  console.log(`life ${retries} begins`)
  if (retries === 0) process.exit(1)
  setInterval(() => {}, 1000)
}

/** What its operator does. */
async function look() {
  const queue = new Queue('daemons', { leaseSeconds: 3 })
  const runs = new Runs(queue)
  const worker = runs.work()
  const name = await runs.submit({ name: 'server', mode: 'daemon', command: [process.execPath, import.meta.filename] })
  for await (const { instance, bytes } of runs.logs(name, { follow: true })) {
    const text = Buffer.from(bytes).toString().trim()
    console.log(`${instance.slice(name.length + 1)}: ${text}`)
    if (text !== 'life 1 begins') continue
    console.log((await runs.get(name))?.status)
    await runs.delete(name)
  }
  console.log(await runs.get(name))
  await worker.close({ timeoutSeconds: 0 })
  await queue.close()
}
