import { describe, expect, test } from 'vitest'
import type { ObjectStore } from '../../../src/backend.ts'
import { RemoteJobError } from '../../../src/errors.ts'
import { expireUntil } from '../../../src/runs/arrays/expire-until.ts'
import { dueKey, instanceJobId, parseDueKey } from '../../../src/runs/arrays/run-keys.ts'
import { readRun, type RunRecord } from '../../../src/runs/arrays/run-record.ts'
import { ended, type Scene, setup, shell, until } from './setup.ts'

async function recordOf({ open }: Scene, name = 'run'): Promise<RunRecord> {
  const run = await readRun(await open(), name)
  if (!run) throw new Error(`There is no run ${name}`)
  return run
}

/** The keys below folders. */
async function keysOf({ open }: Scene, ...folders: readonly string[]): Promise<readonly string[]> {
  const { objects } = await open()
  const pages = await Promise.all(folders.map((folder) => objects.list(folder)))
  return pages.flatMap((page) => page.objects.map(({ key }) => key))
}

describe.skipIf(process.platform === 'win32')('the time to live of a run', { timeout: 120_000 }, () => {
  test('begins with its end; then readers are told that it is gone, and what they could see is removed', async () => {
    const scene = await setup()
    const { runs, queue } = scene
    {
      await using _worker = runs.work({ reap: false })
      const script = 'echo secret; head -c 100000 /dev/zero > $JOB_OUTPUT_DIR/large; [ $JOB_INDEX = 0 ]'
      await runs.submit(shell(script, { arrayIndexes: '0-1', retryLimit: 1, ttlSecondsAfterFinish: 3 }))
      expect(await ended(runs)).toMatchObject({ status: 'failed', succeeded: '0', failed: '1' })
      expect(await runs.expire()).toEqual([])
    }
    const run = await recordOf(scene)
    const [first, second] = [0, 1].map((index) => instanceJobId({ ...run, index }))
    expect((await queue.result(first ?? '')).assets['large']?.size).toBe(100_000)
    expect((await keysOf(scene, 'assets/', 'logs/')).length).toBeGreaterThan(2)
    const gone = { code: 'RESULT_EXPIRED', message: expect.stringContaining('The run "run" is gone') }
    // Nothing has been removed, and it is gone for readers all the same.
    await expect.poll(() => runs.get('run').catch((error: unknown) => error), { timeout: 40_000 }).toMatchObject(gone)
    expect(await runs.list()).toEqual([])
    await expect.poll(() => runs.expire(), { timeout: 40_000 }).toEqual(['run'])
    expect(await keysOf(scene, 'assets/', 'logs/')).toEqual([])
    await expect(runs.get('run')).rejects.toMatchObject(gone)
    await expect(runs.events('run')).rejects.toMatchObject(gone)
    await expect(runs.wait('run')).rejects.toMatchObject(gone)
    await expect(runs.restart('run')).rejects.toMatchObject(gone)
    await expect(Array.fromAsync(runs.logs('run'))).rejects.toMatchObject(gone)
    await expect(runs.resubmit('run', { failed: true })).rejects.toMatchObject(gone)
    for (const id of [first ?? '', second ?? '']) {
      await expect(queue.result(id)).rejects.toMatchObject({ code: 'RESULT_EXPIRED' })
      await expect(Array.fromAsync(queue.logs(id))).rejects.toMatchObject({ code: 'RESULT_EXPIRED' })
    }
    // The fates are known, so a message that comes late runs nothing.
    expect([await queue.status(first ?? ''), await queue.status(second ?? '')]).toEqual(['completed', 'failed'])
    expect(await keysOf(scene, `runs/run/`)).toEqual([`runs/run/${run.uid}/gone`])
    expect(await runs.expire()).toEqual([])
    // The name is free when it is deleted, as any run's is.
    await expect(runs.submit(shell('exit 0'))).rejects.toMatchObject({ code: 'ID_IN_USE' })
    expect(await runs.delete('run')).toBe(true)
    await runs.submit(shell('exit 0'))
    expect((await runs.get('run'))?.status).toBe('pending')
  })

  test('does not run out for a run that goes on', async () => {
    const scene = await setup()
    const { runs } = scene
    await using _worker = runs.work({ reap: false })
    await runs.submit(shell('exec sleep 60', { mode: 'daemon', ttlSecondsAfterFinish: 0 }))
    await until(runs, 'run', ({ running }) => running === '0')
    const due = (): Promise<readonly string[]> => keysOf(scene, 'runs/.due/')
    const [before] = await due()
    await expect
      .poll(async () => [await runs.expire(), (await due())[0] !== before], { timeout: 40_000 })
      .toEqual([[], true])
    expect((await due()).length).toBe(1)
    expect((await runs.get('run'))?.running).toBe('0')
    await runs.delete('run')
  })

  test('is looked after by every worker of runs by itself', async () => {
    const scene = await setup()
    const { runs } = scene
    {
      await using _worker = runs.work({ reap: false })
      await runs.submit(shell('exit 0', { ttlSecondsAfterFinish: 0 }))
      await runs.wait('run')
    }
    const isDue = async (): Promise<boolean> =>
      (await keysOf(scene, 'runs/.due/')).every((key) => (parseDueKey(key)?.at ?? Infinity) < Date.now())
    await expect.poll(isDue, { timeout: 40_000 }).toBe(true)
    await using _worker = runs.work()
    await expect.poll(() => keysOf(scene, 'runs/run/'), { timeout: 40_000 }).toEqual([expect.stringMatching(/\/gone$/)])
  })

  test('is over for a run that nobody ever began, from the end of the time that it had', async () => {
    const scene = await setup()
    const { runs } = scene
    await runs.submit(shell('exit 0', { maxExecutionSeconds: 1, ttlSecondsAfterFinish: 1 }))
    await expect
      .poll(() => runs.get('run').catch((error: unknown) => error), { timeout: 40_000 })
      .toMatchObject({ code: 'RESULT_EXPIRED' })
  })

  test('what one that died half-way left, the next one removes', async () => {
    const scene = await setup()
    const { runs, open } = scene
    {
      await using _worker = runs.work({ reap: false })
      await runs.submit(shell('echo a; exit 1', { retryLimit: 1, ttlSecondsAfterFinish: 0 }))
      // However short its time to live, who waits for it learns of its end.
      expect((await runs.wait('run')).status).toBe('failed')
    }
    const run = await recordOf(scene)
    const { objects } = await open()
    await objects.put(`runs/run/${run.uid}/gone`, Buffer.alloc(0))
    expect((await keysOf(scene, 'logs/')).length).toBeGreaterThan(0)
    await expect.poll(async () => (await runs.expire(), keysOf(scene, 'logs/')), { timeout: 40_000 }).toEqual([])
  })
})

test('a run that cannot be read keeps no other from going', { timeout: 120_000 }, async () => {
  const scene = await setup()
  const { runs, open } = scene
  await runs.submit(shell('exit 0', { maxExecutionSeconds: 1, ttlSecondsAfterFinish: 0 }))
  const run = await recordOf(scene)
  await expect
    .poll(() => runs.get('run').catch((error: unknown) => error), { timeout: 40_000 })
    .toMatchObject({ code: 'RESULT_EXPIRED' })
  const { objects } = await open()
  const uid = '0123456789abcdef'
  await objects.put('runs/newer.json', Buffer.from(JSON.stringify({ v: 2 })))
  await objects.put(dueKey({ run: { name: 'newer', uid }, at: 0 }), Buffer.alloc(0))
  await objects.put(dueKey({ run: { name: 'nobody', uid }, at: 0 }), Buffer.alloc(0))
  await objects.put('runs/.due/stranger', Buffer.alloc(0))
  await objects.put(dueKey({ run, at: Date.now() }), Buffer.alloc(0))
  await expect.poll(() => runs.expire(), { timeout: 40_000 }).toEqual(['run'])
  const left = await keysOf(scene, 'runs/.due/')
  expect(left.map((key) => parseDueKey(key)?.run.name)).toEqual(['newer', 'run', undefined])
})

test('a worker that may not look says so once, and leaves it to others', { timeout: 60_000 }, async () => {
  const { open } = await setup()
  const w = await open()
  const told: unknown[] = []
  const list = () => Promise.reject(new RemoteJobError('ACCESS_DENIED', 's3:ListBucket is not granted'))
  const objects: ObjectStore = new Proxy(w.objects, {
    get: (store, name) => (name === 'list' ? list : Reflect.get(store, name)),
  })
  await expireUntil(new Promise(() => {}), async () => ({ ...w, objects, report: (error) => told.push(error) }))
  expect(told).toMatchObject([
    { code: 'ACCESS_DENIED', message: expect.stringMatching(/^This worker does not remove runs .* s3:ListBucket/) },
  ])
})
