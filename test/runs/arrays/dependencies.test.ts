import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type JobDefinition, Runs, type RunRequest } from '../../../src/runs.ts'
import { grounds, onLocal, useStage } from '../../queue/setup.ts'

afterEach(() => void vi.useRealTimers())

const job = (runName: string, more: Partial<JobDefinition> = {}): RunRequest => ({
  ...more,
  name: 'job',
  runName,
  command: more.command ?? ['true'],
})

async function setupOn(stage: ReturnType<typeof useStage>) {
  const { queue, keys, send } = await stage.setup({ leaseSeconds: 3 })
  const runs = new Runs(queue)
  const worker = (): void => {
    const working = runs.work()
    onTestFinished(async () => {
      const closed = working.close()
      await send({})
      await closed
    })
  }
  return { runs, keys, worker }
}

/** A server that answers with what it is told to. */
async function answering(status: { code: number }): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status.code).end('words'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`
}

describe.skipIf(process.platform === 'win32').each(grounds)('what a run depends on, over $ground', ({ start }) => {
  const stage = useStage(start)

  test('has completed before any of its instances begins', { timeout: 60_000 }, async () => {
    const { runs, keys, worker } = await setupOn(stage)
    await runs.submit(job('first', { command: ['sleep', '2'] }))
    await runs.submit(job('second', { dependsOn: ['first'], arrayIndexes: '0-2' }))
    worker()
    const first = await runs.wait('first')
    const second = await runs.wait('second')
    expect(second).toMatchObject({ status: 'completed', succeeded: '0-2' })
    const began = Math.min(...second.indexes.map(({ startedAt }) => startedAt?.getTime() ?? 0))
    expect(began).toBeGreaterThanOrEqual(first.finishedAt?.getTime() ?? Infinity)
    // However long it waited: the start that came at last.
    expect((await keys('history/')).filter((key) => key.includes('second')).length).toBeLessThanOrEqual(1)
  })

  test('fails: so do all of its indexes, and nothing of it is run', { timeout: 60_000 }, async () => {
    const { runs, worker } = await setupOn(stage)
    await runs.submit(job('first', { command: ['false'], retryLimit: 0 }))
    await runs.submit(job('second', { dependsOn: ['first'], arrayIndexes: '4-5' }))
    await runs.submit(job('third', { dependsOn: ['second'] }))
    worker()
    for (const [name, failed] of [
      ['second', '4-5'],
      ['third', '0'],
    ] as const) {
      const state = await runs.wait(name)
      expect(state).toMatchObject({ status: 'failed', failed })
      expect(state.indexes[0]).toMatchObject({ retries: 0, lastFailureReason: 'DependencyFailed' })
    }
    const ends = (await runs.events('second')).map(({ kind, instance, reason }) => [kind, instance, reason])
    expect(ends).toEqual([
      ['submitted', undefined, undefined],
      ['failed', 'second-4-0', 'DependencyFailed'],
      ['failed', 'second-5-0', 'DependencyFailed'],
      ['finished', undefined, undefined],
    ])
  })
})

describe.skipIf(process.platform === 'win32')('what a run depends on', { timeout: 60_000 }, () => {
  const stage = useStage(onLocal)

  test('is the newest run of a job, as it was when the run was submitted', async () => {
    const { runs, worker } = await setupOn(stage)
    await runs.submit(job('old', { command: ['false'], retryLimit: 0 }))
    await runs.submit(job('new'))
    await runs.submit({ name: 'other', runName: 'after', command: ['true'], dependsOn: ['job'] })
    await runs.submit(job('newest', { command: ['false'], retryLimit: 0 }))
    worker()
    expect((await runs.wait('newest')).status).toBe('failed')
    expect((await runs.wait('after')).status).toBe('completed')
  })

  test('is deleted: the run fails', async () => {
    const { runs, worker } = await setupOn(stage)
    await runs.submit(job('first'))
    await runs.submit(job('second', { dependsOn: ['first'] }))
    await runs.delete('first')
    worker()
    expect((await runs.wait('second')).indexes[0]?.lastFailureReason).toBe('DependencyFailed')
  })

  test('may be gone for readers when it is looked at, and has completed all the same', async () => {
    const { runs, worker } = await setupOn(stage)
    await runs.submit(job('first', { ttlSecondsAfterFinish: 0 }))
    await runs.submit(job('second', { dependsOn: ['first'] }))
    worker()
    expect((await runs.wait('second')).status).toBe('completed')
  })

  test('is a URL that answers with 2xx, and not before', async () => {
    const { runs, worker } = await setupOn(stage)
    const status = { code: 503 }
    const url = await answering(status)
    await runs.submit(job('run', { dependsOn: [url] }))
    worker()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(await runs.get('run')).toMatchObject({ status: 'pending', pending: '0' })
    status.code = 204
    expect((await runs.wait('run')).status).toBe('completed')
  })

  test('is waited for a day, and the time that the run has begins after that', async () => {
    const { runs, worker } = await setupOn(stage)
    const status = { code: 503 }
    const url = await answering(status)
    await runs.submit(job('patient', { dependsOn: [url], maxExecutionSeconds: 3600 }))
    await runs.submit(job('late', { dependsOn: ['http://127.0.0.1:1/'] }))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 23 * 3_600_000 })
    status.code = 200
    expect(await runs.get('patient')).toMatchObject({ status: 'pending' })
    worker()
    expect((await runs.wait('patient')).status).toBe('completed')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 })
    expect((await runs.wait('late')).indexes[0]?.lastFailureReason).toBe('DependencyTimedOut')
  })

  test('is refused when nobody knows it, and nothing is half made', async () => {
    const { runs, keys } = await setupOn(stage)
    for (const [dependency, code, words] of [
      ['nobody', 'NOT_FOUND', 'There is no run "nobody"'],
      ['run', 'NOT_FOUND', 'There is no run "run"'],
      ['../x', 'INVALID_ARGUMENT', 'names of runs and jobs'],
      ['', 'INVALID_ARGUMENT', 'names of runs and jobs'],
      ['ftp://host/', 'INVALID_ARGUMENT', 'http:// or https://'],
      ['https://', 'INVALID_ARGUMENT', 'http:// or https://'],
    ] as const) {
      const refused = runs.submit(job('run', { dependsOn: [dependency] }))
      await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    }
    const secret = runs.submit(job('run', { dependsOn: ['https://me:hunter2@host/'] }))
    await expect(secret).rejects.toThrow('without a user or password')
    await expect(secret).rejects.not.toThrow('hunter2')
    expect(await keys('runs/')).toEqual([])
  })
})
