import { Queue, type QueueOptions } from '../../../src/index.ts'
import { clientOptions, payload, type Site, type Subject } from '../subject.ts'

type Options = QueueOptions<Record<string, unknown>, Record<string, unknown>>

const variants: Readonly<Record<string, Options>> = {
  all: { records: 'all' },
  results: { records: 'results' },
  none: { records: 'none' },
  // Tells nobody that a job is done, as a bare consumer of SQS does not either.
  unannounced: { records: 'none', statuses: ['pending'] },
}

/** Remotejob itself, as its users would use it. */
export async function open({ endpoint, queue: name }: Site, variant: string): Promise<Subject> {
  const queue = new Queue(name, { ...clientOptions(endpoint), ...variants[variant], provision: 'never' })
  await queue.ready()
  return {
    async send(count) {
      await queue.submitMany(
        Array.from({ length: count }, () => payload),
        { concurrency: 320 },
      )
    },
    async work(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      let left = count
      const onEvent = ({ name: event }: { readonly name: string }): void => {
        if (event === 'completed' && --left === 0) resolve()
      }
      queue.work(() => {}, { concurrency: 320, onEvent })
      await promise
    },
    close: () => queue.close(),
  }
}
