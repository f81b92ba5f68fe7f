import { expect, test } from 'vitest'
import fc from 'fast-check'
import { Schedules } from '../../src/cron.ts'
import { Queue } from '../../src/index.ts'
import { Runs } from '../../src/runs.ts'
import { nextOf, onLocal } from '../queue/setup.ts'
import { type DescribedOperation, readDocument } from './document.ts'
import { type OddRequest, oddRequests } from './odd-requests.ts'
import { here, type Scene, useGateway } from './setup.ts'

/** Requests of each operation; `npm run fuzz:http` makes a thousand. */
const requests = Number(process.env['REMOTEJOB_FUZZ_REQUESTS'] ?? 40)
/** Requests at the same time: some operations take a second. */
const together = 20

const { setup } = useGateway(onLocal)

test(
  'whatever is sent to whichever operation, the answer comes, is none of the gateway’s own faults, and tells nothing of its inside',
  { timeout: 60_000 * Math.max(2, requests / 20) },
  async () => {
    const troubles: unknown[] = []
    const { name, backend, queue } = await setup()
    const scene = await setup({ backend, runsQueue: name, onError: (error) => troubles.push(error) })
    const id = await ended({ ...scene, queue, name })
    const { operations, schemas } = await readDocument(scene.gateway)
    const statuses = new Map<string, Set<number>>()
    await store(name, backend)
    const known = { queue: name, id, name: 'out', run: 'out', wait: '1', metadata: '{"n":1}', 'last-event-id': 'end' }
    for (const operation of operations) {
      const batch = fc.array(oddRequests(operation, schemas, known), { minLength: together, maxLength: together })
      const property = fc.asyncProperty(batch, async (odd) => {
        const seen = await Promise.all(odd.map((one) => expectSound(scene, operation, one)))
        statuses.set(operation.operationId, new Set([...(statuses.get(operation.operationId) ?? []), ...seen]))
      })
      await fc.assert(property, { numRuns: Math.ceil(requests / together), endOnFailure: true })
    }
    expect(troubles).toEqual([])
    // It was no use if all had been refused at the door.
    const answered = [...statuses.values()].filter((seen) => [...seen].some((status) => status < 400))
    expect(answered.length).toBeGreaterThan(operations.length / 2)
  },
)

/** One of each that has a name: they are there until a request removes them. */
async function store(name: string, backend: Scene['backend']): Promise<void> {
  await using queue = new Queue(name, { backend })
  const runs = new Runs(queue)
  await runs.jobs.create({ name: 'out', command: ['true'] })
  await runs.submit({ job: 'out', runName: 'out' })
  await new Schedules(queue).create({ name: 'out', cron: '0 3 * * *' })
}

/** A job that has ended, so that nothing waits for it. */
async function ended({ queue, ask, name }: Scene): Promise<string> {
  await ask(`/v1/queues/${name}/jobs`, { method: 'POST', body: 'input' })
  const job = await nextOf(queue)
  await job.complete({ out: { body: 'out' } })
  return job.id
}

async function expectSound(
  { gateway }: Scene,
  { operationId }: DescribedOperation,
  { method, path, headers, body }: OddRequest,
): Promise<number> {
  const signal = AbortSignal.timeout(60_000)
  const init = { method, headers, body: method === 'GET' || method === 'HEAD' ? null : (body ?? null), signal }
  const answer = await gateway(new Request(`http://localhost${path}`, init), here)
  const text = await answer.text()
  const said = `${operationId}: ${method} ${path} ${JSON.stringify({ headers, body })} → ${answer.status} ${text.slice(0, 500)}`
  // 499 is for who went away: here, for whom nothing came in a minute.
  if (answer.status >= 499) throw new Error(said)
  if (answer.status >= 400 && answer.headers.get('Content-Type') !== 'application/problem+json') throw new Error(said)
  if (answer.status >= 400 && /\n\s+at |node_modules|\/src\/|\.ts:\d|remotejob-queue-/.test(text)) throw new Error(said)
  return answer.status
}
