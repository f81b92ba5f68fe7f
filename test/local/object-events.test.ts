import { describe, expect, test } from 'vitest'
import type { EventFilter } from '../../src/object-events.ts'
import { parseEvent, type ObjectEvent } from '../../src/protocol/object-event.ts'
import { tearDown } from '../../src/admin.ts'
import { localBackend } from '../../src/local.ts'
import { refusal } from '../queue/setup.ts'
import { freshDirectory, nextLine, openPlace, startChild, type Opened } from './setup.ts'

const all = { eventType: 'all', prefix: '', suffix: '' } as const

async function watching(filters: readonly EventFilter[]) {
  const directory = await freshDirectory()
  const here = await openPlace(directory, {}, false)
  const there = await openPlace(directory, { bucket: 'photos' }, false)
  const events = await eventsOf(here)
  await events.route('photos', 'test-pending', filters)
  return { directory, here, there, events, told: () => toldOf(here) }
}

async function eventsOf(opened: Opened) {
  const events = await opened.events?.()
  if (!events) throw new Error('no events')
  return events
}

/** All that the queue was told. */
async function toldOf({ pending }: Opened): Promise<readonly ObjectEvent[]> {
  const told: ObjectEvent[] = []
  for (;;) {
    const deliveries = await pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 30 })
    if (deliveries.length === 0) return told
    for (const { body, receipt } of deliveries) {
      const { Records } = JSON.parse(body) as { Records: readonly unknown[] }
      const event = parseEvent(Records[0])
      if (!event || 'flaw' in event) throw new Error(body)
      told.push(event)
      await pending.delete(receipt)
    }
  }
}

describe('a bucket that is watched', () => {
  test('tells of each write and each deletion, with what the object is or was', async () => {
    const { there, told } = await watching([all])
    const { etag } = await there.objects.put('Notes 1+2.rtf', Buffer.from('meow'), { contentType: 'text/rtf' })
    await there.objects.delete('Notes 1+2.rtf')
    const about = { bucket: 'photos', key: 'Notes 1+2.rtf', size: 4, contentType: 'text/rtf' }
    expect(await told()).toEqual([
      {
        ...about,
        kind: 'write',
        etag,
        id: expect.any(String),
        time: expect.any(String),
        requestId: expect.any(String),
      },
      { ...about, kind: 'delete', id: expect.any(String), time: expect.any(String), requestId: expect.any(String) },
    ])
  })

  test('tells of each write of one key as another event, and of a write over an object as no deletion', async () => {
    const { there, told } = await watching([all])
    for (const text of ['a', 'a', 'b']) await there.objects.put('key', Buffer.from(text))
    const events = await told()
    expect(events.map(({ kind }) => kind)).toEqual(['write', 'write', 'write'])
    expect(new Set(events.map(({ id }) => id)).size).toBe(3)
  })

  test('tells of nothing that did not happen', async () => {
    const { there, told } = await watching([all])
    await there.objects.delete('never there')
    expect(await there.objects.putIfAbsent('key', Buffer.from('first'))).toBeDefined()
    expect(await there.objects.putIfAbsent('key', Buffer.from('second'))).toBeUndefined()
    await there.objects.get('key')
    expect(await told()).toMatchObject([{ kind: 'write', size: 5 }])
  })

  test('tells of large objects and of streams', async () => {
    const { there, told } = await watching([all])
    await there.objects.put('large', Buffer.alloc(200_000))
    expect(await told()).toMatchObject([{ key: 'large', size: 200_000 }])
  })

  test.each([
    [{ ...all, eventType: 'write' }, ['write photos/a.jpg', 'write a.jpg', 'write photos/*.png', 'write PHOTOS/a.jpg']],
    [{ ...all, eventType: 'delete' }, ['delete a.jpg']],
    [{ ...all, prefix: 'photos/' }, ['write photos/a.jpg', 'write photos/*.png']],
    [{ ...all, suffix: '.jpg' }, ['write photos/a.jpg', 'write a.jpg', 'write PHOTOS/a.jpg', 'delete a.jpg']],
    [{ ...all, prefix: 'photos/*' }, ['write photos/*.png']],
    [{ ...all, prefix: 'photos/a', suffix: '/a.jpg' }, ['write photos/a.jpg']],
    [{ ...all, prefix: 'nothing/' }, []],
  ] satisfies readonly [EventFilter, string[]][])(
    'tells of what %j fits, and of nothing else',
    async (filter, expected) => {
      const { there, told } = await watching([filter])
      for (const key of ['photos/a.jpg', 'a.jpg', 'photos/*.png', 'PHOTOS/a.jpg'])
        await there.objects.put(key, Buffer.alloc(1))
      await there.objects.delete('a.jpg')
      expect((await told()).map(({ kind, key }) => `${kind} ${key}`)).toEqual(expected)
    },
  )

  test('tells a queue once, however many of its filters fit', async () => {
    const { there, told } = await watching([all, { ...all, prefix: 'a' }])
    await there.objects.put('a', Buffer.alloc(1))
    expect(await told()).toHaveLength(1)
  })

  test('tells no more when it is told to be silent, and not when the queue is gone', async () => {
    const { directory, there, here, events, told } = await watching([all])
    await events.route('photos', 'test-pending', [])
    await there.objects.put('a', Buffer.alloc(1))
    expect(await told()).toEqual([])
    await events.route('photos', 'test-pending', [all])
    expect(await events.isRouted('photos', 'test-pending', [all])).toBe(true)
    await here.close()
    await tearDown('test', { backend: localBackend({ directory, fsync: false }) })
    await there.objects.put('b', Buffer.alloc(1))
    expect(await events.isRouted('photos', 'test-pending', []).catch(() => 'closed')).toBe('closed')
    const again = await openPlace(directory, {}, false)
    expect(await toldOf(again)).toEqual([])
    expect(await (await eventsOf(again)).isRouted('photos', 'test-pending', [])).toBe(true)
  })

  test('has to be there', async () => {
    const { events } = await watching([all])
    expect(await refusal(events.route('no-such-bucket', 'test-pending', [all]))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('make it first with a queue that has it as `bucket`'),
    })
    await events.route('no-such-bucket', 'test-pending', [])
  })

  test('of the library’s naming does not tell of the library’s own objects', async () => {
    const { here, events, told } = await watching([])
    await events.route('remotejobs-test', 'test-pending', [all])
    await here.objects.put('results/x.json', Buffer.alloc(1))
    await here.objects.put('mine', Buffer.alloc(1))
    expect((await told()).map(({ key }) => key)).toEqual(['mine'])
  })

  test('tells of all that was acknowledged, and of nothing that was not written, when the writer is killed', async () => {
    const directory = await freshDirectory()
    const here = await openPlace(directory)
    await (await eventsOf(here)).route('remotejobs-test', 'test-pending', [all])
    const child = startChild('write', [directory, 'x'])
    const acknowledged: string[] = []
    while (acknowledged.length < 20) {
      const [kind, name = ''] = (await nextLine(child)).split(' ')
      if (kind === 'object') acknowledged.push(name)
    }
    child.process.kill('SIGKILL')
    await child.exit()
    const written = (await here.objects.list('')).objects.map(({ key }) => key)
    const events = new Set<string>()
    for (;;) {
      const deliveries = await here.pending.receive({ max: 10, waitSeconds: 0, leaseSeconds: 600 })
      if (deliveries.length === 0) break
      for (const { body } of deliveries) {
        const [record] = body.startsWith('{"Records"') ? (JSON.parse(body) as { Records: unknown[] }).Records : []
        const event = record === undefined ? undefined : parseEvent(record)
        if (event && 'key' in event) events.add(event.key)
      }
    }
    expect([...events].toSorted()).toEqual(written.toSorted())
    expect(acknowledged.filter((key) => !events.has(key))).toEqual([])
  })
})
