// A worker that hands the input to a program, and hands back what it prints. node run-a-program.ts
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type Job, JobFailedError, Queue } from 'remotejob'

const queue = new Queue('sort')
const fruit = await queue.submit({ options: ['-r'], body: 'apple\npear\nfig\n' })
const broken = await queue.submit({ options: ['--no-such-option'], body: 'apple\n' })

await sort(await queue.next())
await sort(await queue.next())

const { assets } = await fruit.result()
console.log(await assets['output']?.text())
try {
  await broken.result()
} catch (error) {
  if (!(error instanceof JobFailedError)) throw error
  console.log(`${error.message}\n${await error.result.assets['stderr']?.text()}`)
}
await queue.close()

async function sort(job: Job): Promise<void> {
  job.hold()
  const options = Array.isArray(job.metadata['options']) ? job.metadata['options'].map(String) : []
  const child = spawn('sort', options, { signal: job.signal }) // a cancelled job stops its program
  const stderr = text(child.stderr)
  const exit: Promise<unknown[]> = once(child, 'close')
  const fed = pipeline(job.createReadStream(), child.stdin)
  for (const promise of [stderr, exit, fed]) promise.catch(() => {}) // each is awaited below, if it matters by then

  // What went wrong is known at the very end. A body that throws then is never announced.
  async function* output(): AsyncGenerator<Buffer> {
    yield* child.stdout
    const [code] = await exit
    if (code !== 0) throw new Error(`sort ended with code ${String(code)}`)
    await fed
  }
  try {
    await job.complete({ contentType: 'text/plain', body: output() })
  } catch (error) {
    await job.fail(error, { stderr: await stderr })
  }
}
