// Built, since Node 22 does not know `using`.
import { Queue } from 'remotejob'
import { localBackend } from 'remotejob/local'

const [directory = ''] = process.argv.slice(2)

/** A queue in the directory that is the first argument. */
export function openQueue(name: string): Queue {
  return new Queue(name, { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
}
