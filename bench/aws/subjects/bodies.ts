import { Queue } from '../../../src/index.ts'
import { clientOptions, type Site, type Subject } from '../subject.ts'

const body = Buffer.alloc(1024, 'x')

/** Jobs with a body that is read. A variant is the number in flight; 1 is a loop of `next` and `complete`. */
export async function open({ endpoint, queue: name }: Site, variant: string): Promise<Subject> {
  const queue = new Queue(name, { ...clientOptions(endpoint), provision: 'never' })
  await queue.ready()
  const concurrency = Number(variant)
  return {
    async send(count) {
      await queue.submitMany(
        Array.from({ length: count }, () => ({ body })),
        { concurrency },
      )
    },
    work: (count) => (concurrency === 1 ? oneByOne(queue, count) : together(queue, count, concurrency)),
    close: () => queue.close(),
  }
}

async function oneByOne(queue: Queue, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    const job = await queue.next()
    await job.bytes()
    await job.complete()
  }
}

async function together(queue: Queue, count: number, concurrency: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = count
  const onEvent = ({ name }: { readonly name: string }): void => {
    if (name === 'completed' && --left === 0) resolve()
  }
  queue.work(async (job) => void (await job.bytes()), { concurrency, onEvent })
  await promise
}
