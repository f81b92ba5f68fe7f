import { afterEach, expect, test, vi } from 'vitest'
import { createGateway } from '../../src/gateway.ts'
import { Queue } from '../../src/index.ts'
import { onLocal } from '../queue/setup.ts'

const hour = 3600

afterEach(() => {
  vi.useRealTimers()
})

/** A queue with a job that waits for its time, which has come. */
async function overdue() {
  const ground = await onLocal()
  const backend = ground.backend()
  const queue = new Queue('timed', { backend })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - hour * 1000 })
  const { id } = await queue.submit({ n: 1 }, { delaySeconds: hour - 60 })
  vi.useRealTimers()
  const end = async (): Promise<void> => {
    await queue.close()
    await ground.close()
  }
  return { backend, queue, id, end }
}

test('a gateway that is a scheduler sends jobs at their time, of queues that nobody has asked it for', async () => {
  const { backend, queue, id, end } = await overdue()
  {
    await using _gateway = createGateway({ backend, scheduler: true })
    const job = await queue.next('pending', { waitSeconds: 15 })
    expect(job?.id).toBe(id)
    await job?.complete()
  }
  await end()
})

test('one that is none, or that does not offer the queue, leaves them', async () => {
  const { backend, queue, end } = await overdue()
  {
    await using _none = createGateway({ backend })
    await using _other = createGateway({ backend, scheduler: true, queues: ['other-*'] })
    expect(await queue.next('pending', { waitSeconds: 4 })).toBeUndefined()
  }
  await end()
})

test('it waits for a folder that holds nothing yet, and closes at once', async () => {
  const ground = await onLocal()
  const reports: unknown[] = []
  {
    const onError = (error: unknown): void => void reports.push(error)
    await using _gateway = createGateway({ backend: ground.backend(), scheduler: true, onError })
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  expect(reports).toEqual([])
  await ground.close()
})

test('is switched on and off by true and false, and nothing else', () => {
  // @ts-expect-error -- as a variable of the environment has it
  expect(() => createGateway({ scheduler: 'false' })).toThrow('Expected `scheduler` to be true or false, got "false"')
})
