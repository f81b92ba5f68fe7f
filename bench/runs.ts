/** Measures what a run of 1,000 instances costs, and how long it takes: `npm run bench:runs`. Writes `bench/runs-results.md`. */
import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { Queue } from '../src/index.ts'
import { parseFanOutJobId } from '../src/runs/arrays/run-keys.ts'
import { sendInstances } from '../src/runs/arrays/fan-out.ts'
import { Runs } from '../src/runs.ts'
import { source } from '../src/worker.ts'
import { type Emulator, startEmulator } from '../test/servers/emulator.ts'
import { Child } from './children.ts'
import { tableOf } from './process/table.ts'

const size = 1000
const workers = 8
const most = { submit: 150, state: 5 }

const emulator = await startEmulator()
const submitted = await costOfSubmit(emulator)
const parallel = await timeOf(emulator, {})
const bounded = await timeOf(emulator, { parallelism: 8 })
await emulator.close()

const text = `# Runs

Written by \`npm run bench:runs\`, on Node ${process.versions.node}, ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)} at the end. The server is the
emulator of the tests, behind the proxy that counts, in the process of the bench; the workers are ${workers} processes on the same cores, four
instances at a time each, and the program is \`true\`. So the time is that of the emulator and of starting processes, and says nothing of AWS.

${tableOf(
  ['', 'requests', 'at most'],
  [
    [`to submit ${size} instances and to send all of their messages`, submitted.submit, most.submit],
    ['to read the state of all of them, when each has run once', parallel.state, most.state],
  ],
)}

${tableOf(
  [`${size} instances, ${workers} workers`, 'seconds from submit to all done', 'requests an instance'],
  [
    ['no bound', parallel.seconds.toFixed(1), parallel.requests.toFixed(1)],
    ['`parallelism: 8`', bounded.seconds.toFixed(1), bounded.requests.toFixed(1)],
  ],
)}
`
console.log(text)
await writeFile(new URL('runs-results.md', import.meta.url), text)
if (submitted.submit > most.submit || parallel.state > most.state) process.exitCode = 1

/** The run and its message, and what the worker that takes it asks for to send all the others. */
async function costOfSubmit({ options }: Emulator): Promise<{ readonly submit: number }> {
  await using queue = new Queue('costs', options)
  await queue.ready()
  emulator.reset()
  await new Runs(queue).submit({ name: 'bench', runName: 'run', command: ['true'], arrayIndexes: `0-${size - 1}` })
  const job = await queue.next()
  const run = parseFanOutJobId(job.id)
  if (!run) throw new Error(`Job ${job.id} sends no instances`)
  await sendInstances(await queue[source].open(), run, {})
  await job.complete()
  return { submit: emulator.count() }
}

/** A run to its end. */
async function timeOf({ options }: Emulator, more: { readonly parallelism?: number }) {
  const name = `runs-${more.parallelism ?? 'free'}`
  await using queue = new Queue(name, options)
  await queue.ready()
  const crew = Array.from({ length: workers }, () => new Child(new URL('runs/worker.ts', import.meta.url)))
  await Promise.all(crew.map((child) => child.ask({ name, endpoint: options.endpoint })))
  const runs = new Runs(queue)
  emulator.reset()
  const began = performance.now()
  await runs.submit({ name: 'bench', runName: 'run', command: ['true'], arrayIndexes: `0-${size - 1}`, ...more })
  const { status } = await runs.wait('run')
  const seconds = (performance.now() - began) / 1000
  const requests = emulator.count() / size
  emulator.reset()
  const state = await runs.get('run')
  if (status !== 'completed' || state?.succeeded !== `0-${size - 1}`) throw new Error(`The run is ${status}`)
  const read = emulator.count()
  for (const child of crew) await child[Symbol.asyncDispose]()
  return { seconds, requests, state: read }
}
