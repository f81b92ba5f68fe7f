// Works on runs, as a scheduler too, until it is killed. Built, since Node 22 does not know `using`.
import { Queue } from 'remotejob'
import { localBackend } from 'remotejob/local'
import { Runs } from 'remotejob/runs'

const [directory = ''] = process.argv.slice(2)
const queue = new Queue('runs', { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
const worker = new Runs(queue).work({ concurrency: 4, scheduler: true, onEvent: () => process.stdout.write('.\n') })
await worker.done
