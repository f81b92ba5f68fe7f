import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('a job that goes from a requester to a worker and back, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('the worker gets the metadata and the body, the requester awaits what comes back', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ width: 200, filename: 'cat.png', body: 'the picture' })
    const job = await nextOf(queue)
    expect(job.id).toBe(handle.id)
    expect(job.key).toBe(handle.key)
    expect(job.metadata).toEqual({ width: 200, filename: 'cat.png' })
    expect([job.filename, job.contentType, job.size, job.attempt, job.attempts]).toEqual([
      'cat.png',
      'image/png',
      11,
      1,
      3,
    ])
    expect(await job.text()).toBe('the picture')
    await job.complete({ body: 'a thumbnail', filename: 'cat-small.png' })
    const result = await handle.result()
    expect(result).toMatchObject({ id: handle.id, status: 'completed', attempt: 1, value: undefined, error: undefined })
    expect(Object.keys(result.assets)).toEqual(['output'])
    expect(result.assets['output']).toMatchObject({ filename: 'cat-small.png', contentType: 'image/png', size: 11 })
    expect(await result.assets['output']?.text()).toBe('a thumbnail')
  })

  test('result() says when the job was started and finished, and the job when it was submitted', async () => {
    const { queue } = await setup()
    const before = Date.now()
    const handle = await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    await job.complete()
    const { startedAt, finishedAt } = await handle.result()
    const times = [before, job.submittedAt?.getTime(), startedAt?.getTime(), finishedAt.getTime(), Date.now()]
    expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)))
  })

  test('a job of metadata alone has an empty input', async () => {
    const { queue } = await setup()
    await queue.submit({ task: 'sweep' })
    const job = await nextOf(queue)
    expect(job.metadata).toEqual({ task: 'sweep' })
    expect(await job.bytes()).toHaveLength(0)
  })

  test('another requester can await a job by its id, before and after its end', async () => {
    const { queue, another } = await setup()
    const { id } = await queue.submit({ n: 1 })
    const waiting = another().result(id)
    await (await nextOf(queue)).complete({ value: { sum: 3 } })
    expect((await waiting).value).toEqual({ sum: 3 })
    expect((await another().result(id)).value).toEqual({ sum: 3 })
  })

  test('each job is given to one of several workers', async () => {
    const { queue, another } = await setup()
    const handles = await Promise.all(Array.from({ length: 6 }, (_, n) => queue.submit({ n })))
    const workers = [another(), another(), another()]
    const jobs = await Promise.all(workers.flatMap((worker) => [nextOf(worker), nextOf(worker)]))
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(handles.map(({ id }) => id).toSorted())
  })

  test('metadata stays out of the way of the job’s own members', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ id: 'EVIL', acknowledge: 'me', attempt: 99 })
    const job = await nextOf(queue)
    expect(job.id).toBe(handle.id)
    expect(job.attempt).toBe(1)
    expect(job.metadata).toEqual({ id: 'EVIL', acknowledge: 'me', attempt: 99 })
    await job.acknowledge()
  })

  test('status goes from pending over active to completed, and is undefined for a stranger', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    expect(await handle.status()).toBe('pending')
    const job = await nextOf(queue)
    expect(await queue.status(handle.id)).toBe('pending')
    await job.progress({ done: 0.5 })
    expect(await queue.status(handle.id)).toBe('active')
    await job.complete()
    expect(await handle.status()).toBe('completed')
    expect(await queue.status('nobody')).toBeUndefined()
  })

  test('result() of a job that there is not rejects with JOB_NOT_FOUND', async () => {
    const { queue, name } = await setup()
    const error = await refusal(queue.result('nobody'))
    expect(error).toMatchObject({ code: 'JOB_NOT_FOUND', message: `There is no job "nobody" in queue "${name}"` })
  })

  test('result() gives up after timeoutSeconds, and the job goes on', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    expect(await refusal(handle.result({ timeoutSeconds: 0 }))).toMatchObject({ code: 'TIMED_OUT' })
    expect(await refusal(queue.result(handle.id, { timeoutSeconds: 0.05 }))).toMatchObject({ code: 'TIMED_OUT' })
    await (await nextOf(queue)).complete()
    expect((await handle.result()).status).toBe('completed')
  })

  test('result() rejects with the reason of its signal', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ n: 1 })
    const reason = new Error('enough')
    const stop = new AbortController()
    const waiting = handle.result({ signal: stop.signal })
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(queue.result(handle.id, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe.each(grounds)('what is stored, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('store resolves a key, and retrieve gives back what was said of it and its bytes', async () => {
    const { queue } = await setup()
    const key = await queue.store({ name: 'Cat', sizes: [1, 2], filename: 'cat.json', body: '{"a":1}' })
    const object = await queue.retrieve(key)
    expect(object.metadata).toEqual({ name: 'Cat', sizes: [1, 2], filename: 'cat.json' })
    expect([object.key, object.filename, object.contentType, object.size]).toEqual([
      key,
      'cat.json',
      'application/json',
      7,
    ])
    expect(await object.json()).toEqual({ a: 1 })
    expect(await object.text()).toBe('{"a":1}')
    expect((await object.bytes()).toString()).toBe('{"a":1}')
  })

  test.each(['photos/cat.jpg', 'a+b c%20d.txt', 'naïve/é/日本/😀', 'inbox/', 'a//b', '%', '+', 'x&y<z>"\'?#'])(
    'a key of the caller’s own is kept verbatim: %s',
    async (key) => {
      const { queue, keys } = await setup()
      expect(await queue.store({ n: 1, key, body: key })).toBe(key)
      expect(await keys()).toEqual([key])
      expect(await (await queue.retrieve(key)).text()).toBe(key)
      await queue.trigger('pending', key)
      const job = await nextOf(queue)
      expect([job.key, await job.text()]).toEqual([key, key])
    },
  )

  test('the same key can be triggered many times, each a job of its own with the stored metadata', async () => {
    const { queue } = await setup()
    const key = await queue.store({ name: 'Cat', filename: 'cat.jpg', body: 'meow' })
    const handles = [await queue.trigger('pending', key), await queue.trigger('pending', key)]
    const jobs = [await nextOf(queue), await nextOf(queue)]
    expect(jobs.map(({ id }) => id).toSorted()).toEqual(handles.map(({ id }) => id).toSorted())
    expect(new Set(handles.map(({ id }) => id)).size).toBe(2)
    for (const job of jobs) {
      expect(job).toMatchObject({
        key,
        metadata: { name: 'Cat', filename: 'cat.jpg' },
        filename: 'cat.jpg',
        contentType: 'image/jpeg',
        size: 4,
      })
      expect(await job.text()).toBe('meow')
    }
  })

  test('submit with a key and no body sends what is stored there, with the new metadata over its own', async () => {
    const { queue } = await setup()
    const key = await queue.store({ name: 'Cat', size: 1, body: 'meow' })
    const handle = await queue.submit({ key, size: 2 })
    expect(handle.key).toBe(key)
    const job = await nextOf(queue)
    expect(job.metadata).toEqual({ name: 'Cat', size: 2 })
    expect(await job.text()).toBe('meow')
  })

  test('submit with a key and a body stores the body there', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ key: 'mine/cat.txt', body: 'meow' })
    expect(handle.key).toBe('mine/cat.txt')
    expect(await (await queue.retrieve('mine/cat.txt')).text()).toBe('meow')
    expect(await (await nextOf(queue)).text()).toBe('meow')
  })

  test('the input of a job can be retrieved by the handle’s key, whoever chose the id', async () => {
    const { queue } = await setup()
    for (const id of [undefined, 'mine']) {
      const { key } = await queue.submit({ name: 'Cat', filename: 'cat.txt', body: 'meow' }, { id })
      const object = await queue.retrieve(key)
      expect(object).toMatchObject({
        metadata: { name: 'Cat', filename: 'cat.txt' },
        filename: 'cat.txt',
        contentType: 'text/plain',
      })
      expect(await object.text()).toBe('meow')
    }
  })

  test('an absent key is NOT_FOUND for retrieve, trigger and submit, and no error for remove', async () => {
    const { queue } = await setup()
    for (const call of [
      () => queue.retrieve('gone'),
      () => queue.trigger('pending', 'gone'),
      () => queue.submit({ key: 'gone' }),
    ]) {
      expect(await refusal(call())).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('There is no object at "gone"'),
      })
    }
    await queue.remove('gone')
  })

  test('remove takes the object away, and metadata too large to ride beside it', async () => {
    const { queue, keys } = await setup()
    const key = await queue.store({ text: 'x'.repeat(5000), body: 'meow' })
    await queue.remove(key)
    expect(await refusal(queue.retrieve(key))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await keys()).toEqual([])
  })

  test('a job whose input was written over fails to read it, rather than reading other bytes', async () => {
    const { queue } = await setup()
    const key = await queue.store({ key: 'report.txt', body: 'monday' })
    await queue.submit({ key })
    await queue.store({ key, body: 'tuesday' })
    const job = await nextOf(queue)
    expect(await refusal(job.bytes())).toMatchObject({ code: 'INPUT_CHANGED' })
    expect(await (await queue.retrieve(key)).text()).toBe('tuesday')
  })

  test('a stored object that is written over while somebody has it in hand is INPUT_CHANGED', async () => {
    const { queue } = await setup()
    const key = await queue.store({ key: 'report.txt', body: 'monday' })
    const object = await queue.retrieve(key)
    await queue.store({ key, body: 'tuesday' })
    expect(await refusal(object.text())).toMatchObject({ code: 'INPUT_CHANGED' })
  })

  test('the library’s own keys can be neither stored nor removed, but inputs, assets and stored bodies may go', async () => {
    const { queue } = await setup()
    const handle = await queue.submit({ body: 'meow' })
    for (const key of [
      'inputs/x',
      'results/x.json',
      'stored/x',
      'assets/x',
      'history/x',
      'live/x.json',
      'metadata/x',
    ]) {
      expect(await refusal(queue.store({ key, body: 'x' }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await refusal(queue.submit({ key, body: 'x' }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    expect(await refusal(queue.remove(`results/${handle.id}.json`))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: `Keys below "results/" are the library's own; choose another than "results/${handle.id}.json"`,
    })
    await queue.remove(handle.key)
    expect(await refusal((await nextOf(queue)).bytes())).toMatchObject({ code: 'NOT_FOUND' })
  })
})
