import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Queue, type WorkerEvent } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { refusal } from '../queue/setup.ts'
import { mountDisk, reasonAgainstDisks } from './small-disk.ts'

const reason = reasonAgainstDisks()
const title = 'a disk that is full'
describe.skipIf(reason !== undefined)(
  reason === undefined ? title : `${title} (SKIPPED, none can be mounted: ${reason})`,
  () => {
    const { directory, remove } = reason === undefined ? mountDisk() : { directory: '', remove: () => {} }
    const full = `The local store at ${directory}: the disk is full; make room and try again`

    afterAll(remove)

    test('is told when a large body does not fit, of which nothing stays; what does fit is done', async () => {
      const queue = newQueue('large', directory)
      await queue.ready()
      const before = await freeBytes(directory)
      const error = await refusal(queue.submit({ n: 1, body: endless() }))
      expect([error.code, error.message]).toEqual(['OUT_OF_SPACE', full])
      expect(before - (await freeBytes(directory))).toBeLessThan(1024 * 1024)
      const handle = await queue.submit({ n: 2, body: 'small' })
      await using _ = queue.work(async (job) => ({ value: await job.text() }))
      expect(await handle.result({ timeoutSeconds: 10 })).toMatchObject({ value: 'small' })
      expect(await Array.fromAsync(queue.list())).toHaveLength(1)
    })

    test('is told when not even a job of a few bytes fits, and what was promised before is kept', async () => {
      const queue = newQueue('small', directory)
      const kept = await queue.submit({ n: 0, body: 'before' })
      const free = await fill(directory)
      const refused = await untilRefused(queue)
      expect([refused.code, refused.message]).toEqual([
        'OUT_OF_SPACE',
        `The local store at ${directory}/remotejob.sqlite3: the disk is full; make room and try again`,
      ])
      expect(await kept.status()).toBe('pending')
      await free()
      await using _ = queue.work(async (job) => ({ value: await job.text() }))
      expect(await kept.result({ timeoutSeconds: 10 })).toMatchObject({ value: 'before' })
      expect(await (await queue.submit({ n: 1, body: 'after' })).result({ timeoutSeconds: 10 })).toMatchObject({
        value: 'after',
      })
    })

    test('does not end a worker: it says so, and does the job when there is room', async () => {
      const queue = newQueue('worker', directory)
      const handle = await queue.submit({ n: 1, body: 'input' })
      let free: (() => Promise<void>) | undefined
      const errors: WorkerEvent[] = []
      const onEvent = (event: WorkerEvent): void => void (event.name === 'error' && errors.push(event))
      const handler = async () => {
        free ??= await fill(directory)
        return { body: Buffer.alloc(300_000) }
      }
      const worker = queue.work(handler, { onEvent, leaseSeconds: 3 })
      onTestFinished(() => worker.close({ timeoutSeconds: 0 }))
      await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), { timeout: 10_000 })
      expect(errors[0]?.error).toMatchObject({ code: 'OUT_OF_SPACE', message: full })
      await free?.()
      const { assets } = await handle.result({ timeoutSeconds: 15 })
      expect((await assets['output']?.bytes())?.byteLength).toBe(300_000)
    })
  },
)

function newQueue(name: string, directory: string): Queue {
  const queue = new Queue(name, { backend: localBackend({ directory }) })
  onTestFinished(() => queue.close())
  return queue
}

function endless(): Readable {
  return Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(256 * 1024)
    })(),
  )
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Fills the disk to its last page; resolves what makes room again. */
async function fill(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'somebody-elses')
  await writeFile(file, Buffer.alloc(await freeBytes(directory)))
  onTestFinished(() => rm(file, { force: true }))
  return () => rm(file)
}

/** What the database and its log have left takes some jobs yet. */
async function untilRefused(queue: Queue) {
  const submitted = (async () => {
    for (let n = 0; n < 5000; n += 1) await queue.submit({ n, body: 'x'.repeat(1000) })
  })()
  return refusal(submitted)
}
