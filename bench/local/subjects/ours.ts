import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { inFlight, payload, repeat, type Site, type Subject } from '../subject.ts'

const variants: Readonly<Record<string, { readonly records: 'all' | 'none'; readonly statuses?: readonly string[] }>> =
  {
    all: { records: 'all' },
    // Keeps of a job what the others keep: nothing, once it is done.
    none: { records: 'none', statuses: ['pending'] },
  }

/** Remotejob on the local backend. A variant is what is kept of a job. */
export async function open({ directory, queue: name }: Site, variant: string): Promise<Subject> {
  const queue = new Queue(name, {
    backend: localBackend({ directory: `${directory}/${name}-${variant}` }),
    ...variants[variant],
  })
  await queue.ready()
  return {
    send: (count) => repeat(count, () => queue.submit(payload)),
    async work(done) {
      queue.work(() => {}, { concurrency: inFlight, onEvent: (event) => event.name === 'completed' && done() })
    },
    close: () => queue.close(),
  }
}
