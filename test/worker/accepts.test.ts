import { describe, expect, it, vi } from 'vitest'
import { grounds, nextOf, onLocal, refusal, useStage } from '../queue/setup.ts'

describe.each(grounds)('a worker that does not take every job, on $ground', { timeout: 120_000 }, ({ start }) => {
  const stage = useStage(start)

  it('leaves the others to workers that do, at no cost of an attempt and with nothing left behind', async () => {
    const { queue, keys } = await stage.setup({ attempts: 1 })
    const offered: string[] = []
    const taken: unknown[] = []
    const choosy = queue.work((job) => void taken.push(job.metadata), {
      accepts: ({ id, metadata }) => {
        offered.push(id)
        return metadata['kind'] === 'a'
      },
    })
    const [a, b] = await queue.submitMany([{ kind: 'a' }, { kind: 'b' }])
    await a?.result({ timeoutSeconds: 20 })
    // Offered again and again, and none of it counts.
    await vi.waitFor(() => expect(offered.filter((id) => id === b?.id).length).toBeGreaterThan(2), 20_000)
    expect(await keys('history/')).toEqual([])
    await choosy.close()
    await using _other = queue.work((job) => void taken.push([job.metadata, job.attempt]))
    expect(await b?.result({ timeoutSeconds: 20 })).toMatchObject({ status: 'completed', attempt: 1 })
    expect(taken).toEqual([{ kind: 'a' }, [{ kind: 'b' }, 1]])
  })
})

describe('a worker that does not take a job', { timeout: 60_000 }, () => {
  const stage = useStage(onLocal)

  it('sends another message each time, which no limit of receives can take away', async () => {
    const { queue, raw, name } = await stage.setup()
    let offers = 0
    const worker = queue.work(() => {}, { accepts: () => (offers += 1) < 0 })
    const { id } = await queue.submit({})
    await vi.waitFor(() => expect(offers).toBeGreaterThan(2), 20_000)
    await worker.close()
    const [delivery] = await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
    expect(delivery).toMatchObject({ receiveCount: 1, attributes: { id, base: '0' } })
  })

  it('leaves one job, also when it dies between the new message and the end of the old one', async () => {
    const { queue, raw, name, deadLetters } = await stage.setup({ leaseSeconds: 3 })
    let offers = 0
    const choosy = queue.work(() => {}, { accepts: () => (offers += 1) < 0 })
    const { id } = await queue.submit({})
    await vi.waitFor(() => expect(offers).toBeGreaterThan(0), 20_000)
    await choosy.close()
    const pending = raw.queue(`${name}-pending`)
    const [passedOn] = await pending.receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
    if (!passedOn) throw new Error('Nothing was passed on')
    await pending.send({ body: passedOn.body })
    await pending.extend(passedOn.receipt, 0)
    const ended: string[] = []
    await using _worker = queue.work(() => ({ value: 'done' }), {
      onEvent: (event) => event.name === 'completed' && ended.push(event.jobId ?? ''),
    })
    expect(await queue.result(id, { timeoutSeconds: 30 })).toMatchObject({ value: 'done' })
    // Both messages go, and one of them has completed the job.
    await vi.waitFor(async () => {
      const left = await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 0 })
      expect(left).toEqual([])
    }, 20_000)
    expect(ended).toEqual([id])
    expect(await deadLetters()).toEqual([])
  })

  it('keeps the count of attempts that were made', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    await (await nextOf(queue)).release()
    let offers = 0
    await using _worker = queue.work((job) => ({ value: job.attempt }), { accepts: () => (offers += 1) > 2 })
    expect(await queue.result(id, { timeoutSeconds: 30 })).toMatchObject({ value: 2, attempt: 2 })
  })

  it('ends a job that came too late for anybody', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { expiresSeconds: 1 })
    await using _worker = queue.work(() => {}, { accepts: () => false })
    expect(await refusal(queue.result(id, { timeoutSeconds: 30 }))).toMatchObject({ code: 'JOB_EXPIRED' })
  })

  it('says so when it cannot tell, and the job comes back with its lease', async () => {
    const { queue } = await stage.setup({ leaseSeconds: 3 })
    const errors: unknown[] = []
    let offers = 0
    await using _worker = queue.work(() => {}, {
      accepts: () => {
        offers += 1
        if (offers === 1) throw new Error('I cannot tell')
        return true
      },
      onEvent: ({ name, error }) => name === 'error' && errors.push(error),
    })
    const { id } = await queue.submit({})
    expect(await queue.result(id, { timeoutSeconds: 30 })).toMatchObject({ status: 'completed' })
    expect(errors).toMatchObject([{ message: 'I cannot tell' }])
  })

  it('is told so when that is no function', async () => {
    const { queue } = await stage.setup()
    // @ts-expect-error -- what JavaScript lets through
    expect(() => queue.work(() => {}, { accepts: true })).toThrow('Expected `accepts` to be a function')
  })
})
