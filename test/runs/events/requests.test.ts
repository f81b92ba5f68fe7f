import { expect, onTestFinished, test } from 'vitest'
import { awsBackend } from '../../../src/aws/backend.ts'
import { Queue } from '../../../src/index.ts'
import { Runs } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'
import { startEmulator } from '../../servers/emulator.ts'
import { poll, record } from './setup.ts'

async function setup(subscriptions: number) {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const backend = awsBackend(emulator.options)
  const queue = new Queue('runs', { backend })
  const photos = new Queue('photos', { backend })
  onTestFinished(async () => void (await Promise.all([queue, photos].map((one) => one.close()))))
  await photos.ready()
  const runs = new Runs(queue)
  await runs.jobs.create({ name: 'notes', command: ['true'] })
  const bucket = 'remotejobs-photos'
  for (let index = 0; index < subscriptions; index += 1)
    await runs.subscriptions.create({ name: `s${index}`, bucket, destination: 'notes', suffix: `${index}.rtf` })
  const send = async (records: readonly object[]) => {
    const w = await queue[source].open()
    await w.queue('pending').send({ body: JSON.stringify({ Records: records }) })
  }
  const work = (concurrency: number) => {
    const worker = runs.work({ concurrency, reap: false })
    onTestFinished(async () => {
      const closed = worker.close()
      await send([])
      await closed
    })
  }
  /** Requests for objects below a folder, or of one kind to a queue. */
  const count = (operation: string, key: RegExp): number =>
    emulator.requests.filter(
      (one) => one.operation.replace(/Batch$/, '') === operation && key.test(one.key ?? one.query.get('prefix') ?? ''),
    ).length
  return { emulator, runs, bucket, send, work, count }
}

test('an event costs what the protocol says', async () => {
  const { emulator, bucket, send, work, count } = await setup(1)
  emulator.reset()
  await send([record(bucket, { key: 'a0.rtf' })])
  work(1)
  await emulator.until('HeadObject', 1)
  await poll(async () => (count('PutObject', /^results\/run\._event/) > 0 ? true : undefined))
  const event = 'run\\._event\\.'
  expect({
    subscriptions: [count('ListObjectsV2', /^subscriptions\//), count('GetObject', /^subscriptions\//)],
    result: [count('GetObject', new RegExp(`^results/${event}`)), count('PutObject', new RegExp(`^results/${event}`))],
    definition: [count('ListObjectsV2', /^definitions\//), count('GetObject', /^definitions\//)],
    object: count('HeadObject', /^a0\.rtf$/),
    run: count('PutObject', /^runs\/notes-event-[0-9a-f]{16}\.json$/),
  }).toEqual({
    // Once all of them, once the one that the event is for.
    subscriptions: [2, 2],
    result: [1, 1],
    definition: [1, 1],
    object: 1,
    run: 1,
  })
})

test('notifications that come together read the subscriptions together', async () => {
  const { emulator, runs, bucket, send, work, count } = await setup(5)
  await Promise.all(Array.from({ length: 20 }, (_, index) => send([record(bucket, { key: `${index}x0.rtf` })])))
  emulator.reset()
  work(20)
  await poll(async () => ((await runs.list()).length === 20 ? true : undefined))
  // One reading of all is a LIST and five GET; the 20 runs read one each.
  const readings = (count('GetObject', /^subscriptions\//) - 20) / 5
  expect(readings).toBeGreaterThanOrEqual(1)
  expect(readings).toBeLessThanOrEqual(10)
})
