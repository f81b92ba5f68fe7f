import { describe, expect, it } from 'vitest'
import { grounds, refusal, useStage } from '../queue/setup.ts'

describe.each(grounds)('submitMany on $ground', ({ start }) => {
  const stage = useStage(start)

  it('sends all jobs and resolves their handles in order', async () => {
    const { queue } = await stage.setup<{ n: number }>()
    const handles = await queue.submitMany([{ n: 0 }, [{ n: 1, body: 'x' }, { id: 'mine' }], { n: 2 }])
    expect(handles[1]?.id).toBe('mine')
    const worker = queue.work((job) => ({ value: job.metadata.n }))
    const results = await Promise.all(handles.map((handle) => handle.result({ timeoutSeconds: 10 })))
    expect(results.map(({ value }) => value)).toEqual([0, 1, 2])
    await worker.close({ timeoutSeconds: 0 })
  })

  it('says which job cannot be sent, and begins no more', async () => {
    const { queue, keys } = await stage.setup<{ n: number }>()
    const jobs = [{ n: 0 }, { n: 1, key: '../x' }, { n: 2 }]
    const error = await refusal(queue.submitMany(jobs, { concurrency: 1 }))
    expect([error.code, error.message]).toEqual([
      'INVALID_ARGUMENT',
      expect.stringMatching(/^Job 1 of submitMany: Expected `key`/),
    ])
    expect(await keys('inputs/')).toHaveLength(1)
  })

  it('makes nothing of nothing', async () => {
    const { queue } = await stage.setup()
    expect(await queue.submitMany([])).toEqual([])
  })
})
