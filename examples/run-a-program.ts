// A worker that runs a program for each job: input and output are files, metadata is in variables. node run-a-program.ts
import { JobFailedError, Queue } from 'remotejob'
import { programHandler } from 'remotejob/runs'

const queue = new Queue('sort')
const script = 'sort "$JOB_META_OPTION" "$JOB_INPUT" > "$JOB_OUTPUT_DIR/sorted.txt"'
// Longer than the ten seconds between SIGTERM and SIGKILL that a program has to end.
const worker = queue.work(programHandler({ command: 'sh', args: ['-c', script] }), { graceSeconds: 15 })

const fruit = await queue.submit({ option: '--reverse', body: 'apple\npear\nfig\n' })
const broken = await queue.submit({ option: '--no-such-option', body: 'apple\n' }, { attempts: 1 })
const { assets } = await fruit.result()
console.log(await assets['sorted.txt']?.text())
try {
  await broken.result()
} catch (error) {
  if (!(error instanceof JobFailedError)) throw error
  console.log(`${error.result.error?.code}\n${await error.result.assets['stderr']?.text()}`)
}
await worker.close()
await queue.close()
