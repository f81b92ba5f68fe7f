// A worker process: does the jobs of the queue that its first argument describes, until it is told to end, or killed.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Queue } from 'remotejob'
import { localBackend } from 'remotejob/local'
import { isJsonObject, parseJson } from '../../../src/protocol/json.ts'
import { text } from '../../../src/protocol/request.ts'
import { bytesOf, type Task } from '../task.ts'

const given = parseJson(process.argv[2] ?? '')
if (!isJsonObject(given)) throw new Error('Expected JSON as the first argument')
const { name, directory, endpoint } = given
const options =
  typeof directory === 'string' ? { backend: localBackend({ directory, fsync: false }) } : { endpoint: text(endpoint) }
const queue = new Queue<Task>(text(name) ?? '', {
  ...options,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-that-is-none' },
  leaseSeconds: 3,
  provision: 'never',
})

const worker = queue.work(
  async (job, { signal }) => {
    const { n, kind, inputBytes } = job.metadata
    // What names this run: nothing of any other run may be found beside it.
    const token = randomUUID()
    const input = await job.bytes()
    if (!input.equals(bytesOf(`input ${n}`, inputBytes))) throw new Error(`The input of job ${n} is not what was sent`)
    if (kind === 'slow') await delay(100 + (n % 10) * 60)
    // Longer than the lease, which has to be renewed.
    if (kind === 'long') await delay(4000, undefined, { signal })
    if (kind === 'hopeless' || (kind === 'flaky' && job.attempt === 1)) throw new Error(`no luck with ${n}`)
    const assets = { small: `${n} ${token}`, ...(kind === 'large' ? { large: bytesOf(token, 100_000) } : {}) }
    return { value: { n, token, attempt: job.attempt }, assets }
  },
  { concurrency: 20, backoff: { baseSeconds: 1, maxSeconds: 2 } },
)

process.once('SIGTERM', async () => {
  await worker.close({ timeoutSeconds: 5 })
  await queue.close()
})
