import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { queues, tearDown, tearDownPlan } from '../../src/admin.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { source } from '../../src/worker.ts'
import { freshDirectory } from '../local/setup.ts'
import { grounds, useStage } from '../queue/setup.ts'
import { startEmulator } from '../servers/emulator.ts'
import { xmlReply } from '../servers/reply.ts'

describe.each(grounds)('on $ground', ({ start }) => {
  const stage = useStage(start)

  test('a queue goes with its messages, its objects and its bucket, and all of that is told before', async () => {
    const { queue, name, bucket, backend, raw } = await stage.setup()
    await queue.submitMany([{ body: 'in' }, {}, { body: Buffer.alloc(100_000) }])
    await (await queue.next()).complete({ body: 'out' })
    await queue.store({ key: 'own key & more/a b+c', body: 'kept' })
    const plan = await tearDownPlan(name, { backend })
    expect(await tearDownPlan(name, { backend })).toEqual(plan)
    const counted = Object.fromEntries(plan.map(({ kind, name, count }) => [`${kind} ${name}`, count]))
    expect(counted).toMatchObject({
      [`queue ${name}-pending`]: 2,
      [`queue ${name}-completed`]: 1,
      [`queue ${name}-failed`]: 0,
      [`queue ${name}-dead`]: 0,
      [`bucket ${bucket}`]: 1,
    })
    expect(counted[`objects ${bucket}`]).toBeGreaterThanOrEqual(5)
    const removed = await tearDown(name, { backend })
    expect(removed.filter(({ kind }) => kind !== 'directory')).toEqual(plan.filter(({ kind }) => kind !== 'directory'))
    await expect(raw.queue(`${name}-pending`).send({ body: 'too late' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(tearDown(name, { backend })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('what nobody made is NOT_FOUND, with the names that were looked for', async () => {
    const { backend } = await stage.setup()
    for (const ask of [tearDownPlan, tearDown])
      await expect(ask('nobodys', { backend })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('neither bucket "remotejobs-nobodys"'),
      })
  })

  test('below a prefix only what is there goes, and the bucket stays with the others', async () => {
    const [one, other] = [await stage.setup(), await stage.setup()]
    const options = { backend: one.backend, bucket: one.bucket }
    const below = new Queue(`${one.name}-team`, { ...options, prefix: 'team' })
    await below.submit({ body: 'below' })
    await below.close()
    await one.queue.submit({ body: 'above' })
    const removed = await tearDown(`${one.name}-team`, { ...options, prefix: 'team' })
    expect(removed.find(({ kind }) => kind === 'objects')).toMatchObject({ count: 1 })
    expect(removed.map(({ kind }) => kind)).not.toContain('bucket')
    expect(await one.keys()).toHaveLength(1)
    expect((await queues({ backend: other.backend })).map(({ name }) => name)).toContain(one.name)
  })

  test('in a bucket that was named, objects of others stay, and so does it; without them it goes', async () => {
    const { name, backend, raw, bucket } = await stage.setup({ bucket: `shared-${Date.now()}` })
    const queue = new Queue(name, { backend, bucket })
    await queue.submit({ body: 'ours' })
    await queue.close()
    await raw.objects.put('theirs/letter', Buffer.from('not ours'))
    const removed = await tearDown(name, { backend, bucket })
    expect(removed.find(({ kind }) => kind === 'bucket')).toMatchObject({
      count: 0,
      stays: 'objects of others are in it',
    })
    expect((await raw.objects.list('')).objects.map(({ key }) => key)).toEqual(['theirs/letter'])
    await raw.objects.delete('theirs/letter')
    const again = new Queue(name, { backend, bucket })
    await again.ready()
    await again.close()
    expect((await tearDown(name, { backend, bucket })).find(({ kind }) => kind === 'bucket')).toEqual({
      kind: 'bucket',
      name: bucket,
      count: 1,
    })
  })

  test('queues for replies go too', async () => {
    const { queue, name, bucket, backend } = await stage.setup()
    await queue.ready()
    const replies = backend.open({
      bucket,
      queues: new Map([['reply-1', `${name}-reply-1`]]),
      deadLetterQueue: `${name}-dead`,
      pendingQueue: undefined,
      maxReceives: 10,
      leaseSeconds: 30,
      provision: 'auto',
    })
    await replies.ready()
    await replies.close()
    const removed = await tearDown(name, { backend })
    expect(removed).toContainEqual({ kind: 'queue', name: `${name}-reply-1`, count: 0 })
  })
})

describe('in a local directory', () => {
  const make = async (directory: string, name = 'cats'): Promise<void> => {
    const queue = new Queue(name, { backend: localBackend({ directory }) })
    await queue.submit({ body: Buffer.alloc(100_000) })
    await queue.close()
  }

  test('the directory goes with the last queue in it', async () => {
    const directory = join(await freshDirectory(), 'jobs')
    const options = { backend: localBackend({ directory }) }
    await make(directory)
    await make(directory, 'dogs')
    expect((await tearDownPlan('cats', options)).map(({ kind }) => kind)).not.toContain('directory')
    expect((await tearDown('cats', options)).map(({ kind }) => kind)).not.toContain('directory')
    expect((await queues(options)).map(({ name, waiting }) => [name, waiting])).toEqual([['dogs', 1]])
    const [plan, removed] = [await tearDownPlan('dogs', options), await tearDown('dogs', options)]
    expect(plan.at(-1)).toEqual({ kind: 'directory', name: directory, count: 1 })
    expect(removed).toEqual(plan)
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
  })

  test('files of others stay, and so does the directory', async () => {
    const directory = await freshDirectory()
    await make(directory)
    await writeFile(join(directory, 'notes.txt'), 'mine')
    await writeFile(join(directory, 'files', 'photo.jpg'), 'mine')
    const options = { backend: localBackend({ directory }) }
    expect((await tearDownPlan('cats', options)).at(-1)).toMatchObject({ stays: 'other files are in it' })
    expect((await tearDown('cats', options)).at(-1)).toEqual({
      kind: 'directory',
      name: directory,
      count: 0,
      stays: 'other files are in it',
    })
    expect((await readdir(directory, { recursive: true })).toSorted()).toEqual([
      'files',
      'files/photo.jpg',
      'notes.txt',
    ])
  })

  test('a directory that somebody has open stays', async () => {
    const directory = await freshDirectory()
    await make(directory)
    const worker = new Queue('cats', { backend: localBackend({ directory, fsync: false }) })
    onTestFinished(() => worker.close())
    await worker.ready()
    const removed = await tearDown('cats', { backend: localBackend({ directory }) })
    expect(removed.at(-1)).toMatchObject({ kind: 'directory', count: 0, stays: 'another process has it open' })
    await expect(worker.submit({})).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a folder of another program is left alone', async () => {
    const directory = await freshDirectory()
    await writeFile(join(directory, 'remotejob.sqlite3'), 'a text of that name')
    await expect(tearDown('cats', { backend: localBackend({ directory }) })).rejects.toThrow('not an SQLite database')
    expect(await readdir(directory)).toContain('remotejob.sqlite3')
  })
})

describe('on S3 and SQS alone', () => {
  async function setup() {
    const emulator = await startEmulator()
    const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
    onTestFinished(async () => {
      s3.destroy()
      await emulator.close()
    })
    const queue = new Queue('cats', emulator.options)
    await queue.submitMany([{}, {}, {}])
    await queue.close()
    emulator.reset()
    return { emulator, s3, options: emulator.options }
  }

  test('a page of objects is deleted in one request, and the plan deletes nothing', async () => {
    const { emulator, options } = await setup()
    await tearDownPlan('cats', options)
    expect(emulator.requests.filter(({ operation }) => /^(Delete|Abort|Put)/.test(operation))).toEqual([])
    emulator.reset()
    await tearDown('cats', options)
    expect([emulator.count('DeleteObjects'), emulator.count('DeleteQueue'), emulator.count('DeleteBucket')]).toEqual([
      1, 4, 1,
    ])
    const [deletion] = emulator.requests.filter(({ operation }) => operation === 'DeleteObjects')
    expect(deletion?.headers['content-md5']).toMatch(/^[\w+/]{22}==$/)
  })

  test('uploads that nobody finished go, or the bucket could not', async () => {
    const { s3, options } = await setup()
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'remotejobs-cats', Key: 'inputs/cut off' }))
    expect(await tearDownPlan('cats', options)).toContainEqual({ kind: 'uploads', name: 'remotejobs-cats', count: 1 })
    const removed = await tearDown('cats', options)
    expect(removed).toContainEqual({ kind: 'uploads', name: 'remotejobs-cats', count: 1 })
    expect(removed.filter(({ error }) => error)).toEqual([])
  })

  test('buckets that tell the queue of their objects are silenced first, or others could not change what they tell', async () => {
    const { emulator, options, s3 } = await setup()
    const queue = new Queue('cats', options)
    onTestFinished(() => queue.close())
    await s3.send(new CreateBucketCommand({ Bucket: 'watched' }))
    const events = await (await queue[source].open()).events()
    await events.route('watched', 'cats-pending', [{ eventType: 'all', prefix: '', suffix: '' }])
    const telling = { kind: 'notifications', name: 'watched', count: 1 }
    expect((await tearDownPlan('cats', options))[0]).toEqual(telling)
    emulator.reset()
    const removed = await tearDown('cats', options)
    expect(removed[0]).toEqual(telling)
    const { QueueConfigurations } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'watched' }))
    expect(QueueConfigurations).toBeUndefined()
    const [first] = emulator.requests.filter(({ operation }) => /^(Delete|Put)/.test(operation))
    expect(first).toMatchObject({ operation: 'PutBucketNotificationConfiguration', bucket: 'watched' })
  })

  test('what cannot be removed is told with its reason, the rest goes, and a second call ends it', async () => {
    const { emulator, options } = await setup()
    const denied = { status: 403, code: 'AccessDenied' } as const
    emulator.fail({ operation: 'DeleteQueue', key: 'cats-failed', answer: denied })
    emulator.fail({ operation: 'DeleteObjects', answer: denied })
    const removed = await tearDown('cats', options)
    const left = removed.filter(({ error }) => error)
    expect(left.map(({ kind, name, count, error }) => [kind, name, count, error?.message])).toEqual([
      ['queue', 'cats-failed', 0, expect.stringContaining('lack sqs:DeleteQueue on queue "cats-failed"')],
      ['objects', 'remotejobs-cats', 0, expect.stringContaining('lack s3:DeleteObject on')],
      ['bucket', 'remotejobs-cats', 0, expect.stringContaining('is not empty')],
    ])
    const rest = await tearDown('cats', options)
    expect(rest.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'queue cats-failed',
      'objects remotejobs-cats',
      'bucket remotejobs-cats',
    ])
    expect(rest.filter(({ error }) => error)).toEqual([])
  })

  test('one object that may not be deleted is told, and keeps no other', async () => {
    const { emulator, options } = await setup()
    emulator.fail({
      operation: 'DeleteObjects',
      when: 'after',
      answer: {
        status: 200,
        body: '<DeleteResult><Error><Key>probe/if-none-match</Key><Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>',
      },
    })
    const removed = await tearDown('cats', options)
    expect(removed.find(({ kind }) => kind === 'objects')).toMatchObject({
      count: 3,
      error: { code: 'ACCESS_DENIED', message: expect.stringContaining('"remotejobs-cats/probe/if-none-match"') },
    })
  })

  test('in a bucket that keeps versions all of them go, page by page', async () => {
    const { emulator, options } = await setup()
    const pages = [
      '<IsTruncated>true</IsTruncated><NextKeyMarker>inputs/a+b</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>' +
        '<Version><Key>inputs/a+b</Key><VersionId>2</VersionId><IsLatest>true</IsLatest></Version>' +
        '<Version><Key>inputs/a+b</Key><VersionId>1</VersionId><IsLatest>false</IsLatest></Version>',
      '<IsTruncated>false</IsTruncated><DeleteMarker><Key>inputs/c</Key><VersionId>3</VersionId><IsLatest>true</IsLatest></DeleteMarker>',
    ]
    const markers: (string | null)[] = []
    emulator.interpose = async (request, perform) => {
      if (request.operation === 'GetBucketVersioning')
        return xmlReply('<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>')
      if (request.operation !== 'ListObjectVersions') return perform(request)
      markers.push(request.query.get('key-marker'), request.query.get('version-id-marker'))
      const page = pages[request.query.has('key-marker') ? 1 : 0]
      return xmlReply(`<ListVersionsResult><EncodingType>url</EncodingType>${page}</ListVersionsResult>`)
    }
    expect(await tearDownPlan('cats', options)).toEqual(
      expect.arrayContaining([
        { kind: 'objects', name: 'remotejobs-cats', count: 1 },
        { kind: 'versions', name: 'remotejobs-cats', count: 2 },
      ]),
    )
    await tearDown('cats', options)
    expect(markers).toEqual([null, null, 'inputs/a b', '1', null, null, 'inputs/a b', '1'])
    const deletions = emulator.requests.filter(({ operation }) => operation === 'DeleteObjects')
    expect(deletions.map(({ body }) => [...body.matchAll(/<VersionId>(\d)</g)].map(([, id]) => id))).toEqual([
      ['2', '1'],
      ['3'],
    ])
  })

  test('progress is told, and a signal ends it with its reason', async () => {
    const { options } = await setup()
    const told: string[] = []
    const stop = new AbortController()
    const onProgress = (kind: string, count: number): void => {
      told.push(`${kind} ${count}`)
      if (kind === 'objects') stop.abort(new Error('enough'))
    }
    await expect(tearDown('cats', { ...options, onProgress, signal: stop.signal })).rejects.toThrow('enough')
    expect(told).toEqual([...Array<string>(4).fill('queue 1'), 'objects 4'])
    expect((await tearDown('cats', options)).map(({ kind }) => kind)).toEqual(['bucket'])
  })
})
