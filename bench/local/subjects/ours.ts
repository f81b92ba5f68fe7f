import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { bulk, inBulk, inFlight, payload, repeat, type Site, type Subject } from '../subject.ts'

// Keeps of a job what the others keep: nothing, once it is done.
const none = { records: 'none', statuses: ['pending'] } as const

const variants = {
  all: { fsync: true, options: { records: 'all' } },
  none: { fsync: true, options: none },
  second: { fsync: false, options: none },
} as const

/** Remotejob on the local backend. A variant is what is kept of a job; `second` flushes every second, as Redis does. */
export async function open({ directory, queue: name }: Site, variant: keyof typeof variants): Promise<Subject> {
  const { fsync, options } = variants[variant]
  const queue = new Queue(name, {
    backend: localBackend({ directory: `${directory}/${name}-${variant}`, fsync }),
    ...options,
  })
  await queue.ready()
  return {
    send: (count) => repeat(count, () => queue.submit(payload)),
    sendMany: (count) =>
      inBulk(count, (size) =>
        queue.submitMany(
          Array.from({ length: size }, () => payload),
          { concurrency: bulk },
        ),
      ),
    async work(done) {
      queue.work(() => {}, { concurrency: inFlight, onEvent: (event) => event.name === 'completed' && done() })
    },
    close: () => queue.close(),
  }
}
