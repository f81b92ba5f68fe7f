import { describe, expect, test, vi } from 'vitest'
import { isRemoteJobError, Queue, type QueueOptions, RemoteJobError } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { nextOf, onLocal, refusal, useStage } from './setup.ts'

type AnyOptions = QueueOptions<Record<string, unknown>, Record<string, unknown>>

describe('a queue’s name and options', () => {
  const { setup } = useStage(onLocal)
  const backend = localBackend({ directory: 'never-made' })

  const wrong: [unknown, AnyOptions | Record<string, unknown>, string][] = [
    ['', {}, 'Expected the queue\'s name to be 1 to 75 letters, digits, "-" or "_", got ""'],
    [undefined, {}, 'Expected the queue\'s name to be 1 to 75 letters, digits, "-" or "_", got undefined'],
    ['a b', {}, 'Expected the queue\'s name to be 1 to 75 letters, digits, "-" or "_", got "a b"'],
    [
      'remote_job_test',
      {},
      'The queue\'s name "remote_job_test" cannot be part of a bucket\'s name ("remotejobs-remote_job_test"): use at most 52 lower-case letters, digits and "-", or name a bucket with the option `bucket`',
    ],
    ['Thumbs', {}, 'The queue\'s name "Thumbs" cannot be part of a bucket\'s name'],
    ['x'.repeat(53), {}, "cannot be part of a bucket's name"],
    ['x'.repeat(76), { bucket: 'mine' }, "Expected the queue's name to be 1 to 75 letters"],
    ['x'.repeat(75), { bucket: 'mine' }, 'Expected `statuses[0]` to be letters, digits, "-" or "_", with'],
    [
      'thumbs',
      { bucket: 'My_Bucket' },
      'Expected `bucket` to be 3 to 63 lower-case letters, digits, "." or "-", got "My_Bucket"',
    ],
    ['thumbs', { bucket: 'ab' }, 'Expected `bucket` to be 3 to 63'],
    ['thumbs', { bucket: '192.168.0.1' }, 'Expected `bucket` to be 3 to 63'],
    [
      'thumbs',
      { statuses: ['pending', 'a b'] },
      'Expected `statuses[1]` to be letters, digits, "-" or "_", with "thumbs-" before it 80 at most, got "a b"',
    ],
    ['thumbs', { statuses: ['pending', 'pending'] }, 'The status "pending" stands twice in `statuses`'],
    [
      'thumbs',
      { statuses: ['pending', 'dead'] },
      'The status "dead" is kept for the library\'s own queues; choose another',
    ],
    ['thumbs', { statuses: ['reply-1'] }, 'The status "reply-1" is kept for the library\'s own queues'],
    ['thumbs', { statuses: 'pending' }, 'Expected `statuses` to be an array of names, got "pending"'],
    ['thumbs', { statuses: [5] }, 'Expected `statuses[0]` to be letters'],
    ['thumbs', { records: 'some' }, 'Expected `records` to be one of "all", "results", "none", got "some"'],
    ['thumbs', { provision: true }, 'Expected `provision` to be one of "auto", "never", got true'],
    ['thumbs', { leaseSeconds: 0 }, 'Expected `leaseSeconds` to be an integer from 3 to 43200, got 0'],
    ['thumbs', { leaseSeconds: 43_201 }, 'Expected `leaseSeconds` to be an integer from 3 to 43200, got 43201'],
    ['thumbs', { retentionDays: 14 }, 'Expected `retentionDays` to be an integer from 15 to 36500, got 14'],
    ['thumbs', { attempts: '3' }, 'Expected `attempts` to be an integer from 1 to 1000, got "3"'],
    [
      'thumbs',
      { prefix: '../x' },
      'Expected `prefix` to be an object\'s key: without "." or ".." as a part, got "../x"',
    ],
    ['thumbs', { prefix: '/x' }, 'Expected `prefix` to be an object\'s key: without "/" at its beginning'],
    ['thumbs', { prefix: 'é'.repeat(64) }, 'Expected `prefix` to be at most 127 bytes of UTF-8'],
    [
      'thumbs',
      { metadata: { type: 'object' } },
      'Expected `metadata` to be a Standard Schema (zod, valibot, arktype …), got',
    ],
    ['thumbs', { backend: {} }, 'Expected `backend` to be a backend such as localBackend({ directory }), got'],
  ]
  test.each(wrong)('%j with %o is refused at once', (name, options, words) => {
    let thrown: unknown
    try {
      void new Queue(name as string, { backend, ...options })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(RemoteJobError)
    expect(isRemoteJobError(thrown) && [thrown.code, thrown.message]).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining(words),
    ])
  })

  test('an undefined option is a default', async () => {
    const { queue } = await setup({
      bucket: undefined,
      prefix: undefined,
      statuses: undefined,
      records: undefined,
      leaseSeconds: undefined,
      attempts: undefined,
      provision: undefined,
      metadata: undefined,
    })
    await queue.submit({ n: 1 })
    expect((await nextOf(queue)).attempts).toBe(3)
  })

  test('a constructor does no I/O, and a queue that is never used holds nothing open', () => {
    const open = vi.fn(backend.open)
    const queue = new Queue('thumbs', { backend: { open } })
    expect(queue.name).toBe('thumbs')
    expect(open).not.toHaveBeenCalled()
  })

  test('attempts: the requester’s word wins over the queue’s', async () => {
    const { queue } = await setup({ attempts: 7 })
    await queue.submit({ n: 1 }, { attempts: 2 })
    expect((await nextOf(queue)).attempts).toBe(2)
    await queue.submit({ n: 1 })
    expect((await nextOf(queue)).attempts).toBe(7)
  })

  test('timeoutSeconds travels to the worker, and a group does no harm', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 }, { timeoutSeconds: 90, group: 'tenant-1' })
    const job = await nextOf(queue)
    expect(job.timeoutSeconds).toBe(90)
    await job.complete()
    expect((await nextOf(queue, 'completed')).id).toBe(job.id)
  })

  test('several queues share a bucket, each below its prefix, and see nothing of one another', async () => {
    const { backend: shared, raw } = await setup({ bucket: 'shared-bucket' })
    await using one = new Queue('one', { backend: shared, bucket: 'shared-bucket', prefix: 'team/one' })
    await using two = new Queue('two', { backend: shared, bucket: 'shared-bucket', prefix: 'team/two/' })
    const handle = await one.submit({ n: 1, body: 'one' }, { id: 'same' })
    await two.submit({ n: 2, body: 'two' }, { id: 'same' })
    const key = await one.store({ key: 'report', body: 'x' })
    expect(key).toBe('report')
    expect(await refusal(two.retrieve('report'))).toMatchObject({ code: 'NOT_FOUND' })
    const job = await nextOf(one)
    expect([job.metadata, await job.text()]).toEqual([{ n: 1 }, 'one'])
    await job.complete({ output: Buffer.alloc(70_000) })
    expect((await handle.result()).assets['output']?.key).toMatch(/^assets\/same\//)
    expect(await two.status('same')).toBe('pending')
    expect(await Array.fromAsync(two.list(), ({ status }) => status)).toEqual(['pending'])
    const page = await raw.objects.list('')
    expect(page.objects.every((object) => /^(team\/(one|two)\/|probe\/)/.test(object.key))).toBe(true)
    expect(page.objects.map((object) => object.key)).toContain('team/one/report')
  })

  test('provision: never uses what is there, and says what is missing', async () => {
    const { another, backend: ground } = await setup()
    const there = another({ provision: 'never' })
    const { id } = await there.submit({ n: 1 })
    expect((await nextOf(there)).id).toBe(id)
    await using absent = new Queue('nowhere', { backend: ground, provision: 'never' })
    expect(await refusal(absent.ready())).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    })
  })

  test('errors are known whichever copy of the package threw them', async () => {
    const { queue } = await setup()
    const error = await refusal(queue.retrieve('gone'))
    expect(isRemoteJobError(error)).toBe(true)
    const stranger = Object.defineProperty(new Error('x'), Symbol.for('remotejob.error'), { value: true })
    expect([
      isRemoteJobError(stranger),
      isRemoteJobError(new Error('x')),
      isRemoteJobError(null),
      isRemoteJobError('x'),
    ]).toEqual([true, false, false, false])
    expect([error.name, error instanceof Error]).toEqual(['RemoteJobError', true])
  })
})
