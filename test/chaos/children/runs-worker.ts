// A worker process: takes instances of the runs of the queue that its first argument describes, until it is told to end, or killed.
import { Queue } from 'remotejob'
import { localBackend } from 'remotejob/local'
import { Runs } from 'remotejob/runs'
import { isJsonObject, parseJson } from '../../../src/protocol/json.ts'
import { text } from '../../../src/protocol/request.ts'

const given = parseJson(process.argv[2] ?? '')
if (!isJsonObject(given)) throw new Error('Expected JSON as the first argument')
const { name, directory, endpoint } = given
const options =
  typeof directory === 'string' ? { backend: localBackend({ directory, fsync: false }) } : { endpoint: text(endpoint) }
const queue = new Queue(text(name) ?? '', {
  ...options,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-that-is-none' },
  leaseSeconds: 3,
  provision: 'never',
})
const worker = new Runs(queue).work({ concurrency: 6 })

process.once('SIGTERM', async () => {
  await worker.close({ timeoutSeconds: 5 })
  await queue.close()
})
