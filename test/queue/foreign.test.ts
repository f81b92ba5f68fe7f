import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

/** An S3 notification's record. */
function event(bucket: string, key: string, more: Record<string, unknown> = {}): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    eventTime: '2026-11-22T04:00:00.000Z',
    s3: { bucket: { name: bucket }, object: { key, size: 4, sequencer: '0055AED6DCD90281E5', ...more } },
  }
}

describe.each(grounds)('messages that others wrote, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test.each([
    ['null', 'null', 'it is not a JSON object'],
    ['a string', '"abc"', 'it is not a JSON object'],
    ['an array', '[1]', 'it is not a JSON object'],
    ['broken JSON', '{bad', 'it is not a JSON object'],
    ['plain text', 'hello', 'it is not a JSON object'],
    ['an object', '{}', 'it is no job of remotejob 2 or 3 and no S3 notification'],
    ['a version that never was', '{"v":0}', 'it is no job of remotejob 2 or 3'],
    ['a version of text', '{"v":"99"}', 'it is no job of remotejob 2 or 3'],
    ['a job without an id', '{"v":1}', 'its `id` is not a job id'],
    ['an id that leads elsewhere', '{"v":1,"id":"../x"}', 'its `id` is not a job id'],
    [
      'a key that leads elsewhere',
      '{"v":1,"id":"x","key":"../../etc/passwd"}',
      'its `key` is not a key below the prefix',
    ],
    [
      'metadata of another job',
      '{"v":1,"id":"x","spilled":"metadata/y.0.json"}',
      'its `spilled` does not name its own metadata',
    ],
    ['metadata that is none', '{"v":1,"id":"x","metadata":[1]}', 'its `metadata` is not an object'],
    ['an end that is none', '{"v":1,"id":"x","finished":{"status":"done"}}', 'its `finished` is not the end of a job'],
    [
      'a remotejob 2 job of another bucket',
      '{"bucket":"remotejobs-other","key":"x"}',
      'it names a bucket that is not this queue’s',
    ],
    [
      'a remotejob 2 job without a real key',
      '{"bucket":"$BUCKET","key":"/x"}',
      'its `key` is not a key below the prefix',
    ],
    [
      'a notification of another bucket',
      JSON.stringify({ Records: [event('other', 'x')] }),
      'it names a bucket that is not this queue’s',
    ],
    ['a notification of nonsense', '{"Records":[null]}', 'a record in it is no S3 event'],
    [
      'a notification with a key that cannot be decoded',
      JSON.stringify({ Records: [event('$BUCKET', '%E0%A4%A')] }),
      'is not a key below the prefix',
    ],
  ])('%s is set aside with its reason, and the next good job is served', async (_what, body, reason) => {
    const { queue, send, deadLetters, bucket, raw, name } = await setup()
    const sent = body.replaceAll('$BUCKET', bucket)
    await send(sent, 'pending', { colour: 'green' })
    const { id } = await queue.submit({ n: 1 })
    expect((await nextOf(queue)).id).toBe(id)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    const [poison, ...more] = await deadLetters()
    expect(more).toEqual([])
    expect(poison?.body).toBe(sent)
    expect(poison?.attributes).toEqual({ colour: 'green', reason: expect.stringContaining(reason) })
    expect(await raw.queue(`${name}-pending`).receive({ max: 10, waitSeconds: 0, leaseSeconds: 0 })).toEqual([])
  })

  test('what sits on a status queue and cannot be read is set aside as well', async () => {
    const { queue, send, deadLetters } = await setup()
    await send('[]', 'completed')
    expect(await queue.next('completed', { waitSeconds: 0 })).toBeUndefined()
    expect(await deadLetters()).toHaveLength(1)
  })

  test('a large one too', async () => {
    const { queue, send, deadLetters } = await setup()
    await send('x'.repeat(1_000_000))
    const { id } = await queue.submit({ n: 1 })
    expect((await nextOf(queue)).id).toBe(id)
    await queue.next('pending', { waitSeconds: 0 })
    expect((await deadLetters())[0]?.body).toHaveLength(1_000_000)
  })

  test('one that is too large for a reason beside it does not end the iteration, and is not lost', async () => {
    const { queue, send } = await setup()
    await send('x'.repeat(1024 * 1024))
    const { id } = await queue.submit({ n: 1 })
    for await (const job of queue.jobs()) {
      expect(job.id).toBe(id)
      break
    }
  })

  test('a message of a newer version is left in peace: not run, not settled, not set aside', async () => {
    const { queue, send, deadLetters, raw, name } = await setup()
    const body = '{"v":99,"id":"from-the-future","key":["not","even","text"]}'
    await send(body)
    const { id } = await queue.submit({ n: 1 })
    expect((await nextOf(queue)).id).toBe(id)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await deadLetters()).toEqual([])
    expect(await queue.status('from-the-future')).toBeUndefined()
    // It rests, and is not gone.
    expect(await raw.queue(`${name}-pending`).receive({ max: 10, waitSeconds: 0, leaseSeconds: 0 })).toEqual([])
  })

  test('a job of remotejob 2 is a job: its id is the message’s, its metadata all that is not bucket and key', async () => {
    const { queue, send, bucket } = await setup()
    const key = await queue.store({ body: 'meow' })
    await send({ name: 'Cat', filename: 'cat.jpg', id: 'EVIL', bucket, key })
    const job = await nextOf(queue)
    expect(job).toMatchObject({
      key,
      filename: 'cat.jpg',
      attempt: 1,
      attempts: 3,
      metadata: { name: 'Cat', filename: 'cat.jpg', id: 'EVIL' },
    })
    expect(job.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(await job.text()).toBe('meow')
    await job.release()
    const again = await nextOf(queue)
    expect([again.id, again.attempt]).toEqual([job.id, 2])
    await again.complete({ output: 'small' })
    expect(await (await queue.result(job.id)).assets['output']?.text()).toBe('small')
    const done = await nextOf(queue, 'completed')
    expect([done.id, done.metadata['name']]).toEqual([job.id, 'Cat'])
  })

  test('a job of remotejob 2 keeps its id when it is given back thirty times', async () => {
    const { queue, send, bucket, deadLetters } = await setup()
    await send({ name: 'Cat', bucket, key: 'x' })
    const ids = new Set<string>()
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      const job = await nextOf(queue)
      expect(job.attempt).toBe(attempt)
      ids.add(job.id)
      await job.release()
    }
    expect(ids.size).toBe(1)
    expect(await deadLetters()).toEqual([])
  })

  test('each record of an S3 notification is a job, its key decoded; an event that comes twice is one job', async () => {
    const { queue, send, bucket } = await setup()
    const keys = ['uploads/a b+c.txt', 'uploads/é/日本.png', 'plain']
    for (const key of keys) await queue.store({ key, body: key })
    const records = keys.map((key) =>
      event(bucket, encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')),
    )
    await send({ Records: records })
    await send({ Records: records.slice(0, 1) })
    const seen: Record<string, string> = {}
    for (
      let job = await queue.next('pending', { waitSeconds: 0 });
      job;
      job = await queue.next('pending', { waitSeconds: 0 })
    ) {
      seen[job.key ?? ''] = job.id
      expect(job.metadata).toEqual({ eventName: 'ObjectCreated:Put', eventTime: '2026-11-22T04:00:00.000Z' })
      expect([await job.text(), job.filename]).toEqual([job.key, job.key?.split('/').at(-1)])
      await job.complete({ value: job.key })
    }
    expect(Object.keys(seen).toSorted()).toEqual(keys.toSorted())
    for (const [key, id] of Object.entries(seen)) expect((await queue.result(id)).value).toBe(key)
  })

  test('an S3 event names the version of the object that it is about', async () => {
    const { queue, send, bucket, raw } = await setup()
    await queue.store({ key: 'uploads/a', body: 'first' })
    const eTag = (await raw.objects.head('uploads/a'))?.etag.replaceAll('"', '')
    await send({ Records: [event(bucket, 'uploads/a', { eTag })] })
    await queue.store({ key: 'uploads/a', body: 'second' })
    expect(await refusal((await nextOf(queue)).bytes())).toMatchObject({ code: 'INPUT_CHANGED' })
  })

  test('events of the library’s own objects, and S3’s test event, are taken off quietly', async () => {
    const { queue, send, bucket, deadLetters } = await setup()
    await send({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-11-22T04:00:00.000Z', Bucket: bucket })
    await send({ Records: [event(bucket, 'inputs/01a2'), event(bucket, 'assets/01a2/1-ab/output')] })
    await send({ Records: [] })
    await send({ Records: [event(bucket, 'results/01a2.json'), event(bucket, 'uploads/a')] })
    expect((await nextOf(queue)).key).toBe('uploads/a')
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await deadLetters()).toEqual([])
  })

  test('nothing in a message leads outside the prefix', async () => {
    const { queue, send, bucket, deadLetters } = await setup({ prefix: 'team-a' })
    await queue.store({ key: 'mine', body: 'x' })
    await send({ bucket, key: 'team-b/theirs' })
    await send({ Records: [event(bucket, 'team-b/theirs')] })
    await send({ bucket, key: 'team-a/mine' })
    const job = await nextOf(queue)
    expect([job.key, await job.text()]).toEqual(['mine', 'x'])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await deadLetters()).toHaveLength(2)
  })
})
