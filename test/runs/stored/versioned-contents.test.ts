import { expect, test } from 'vitest'
import type { Workspace } from '../../../src/lifecycle/workspace.ts'
import { isJsonObject } from '../../../src/protocol/json.ts'
import { VersionedContents } from '../../../src/runs/stored/versioned-contents.ts'
import { setup, textsBelow, withObjects } from './setup.ts'

interface Count {
  readonly count: number
}

const increment = ({ count }: Count): Count => ({ count: count + 1 })

function counts(w: Workspace): VersionedContents<Count> {
  return new VersionedContents<Count>(() => Promise.resolve(w), {
    folder: 'counts/',
    noun: 'count',
    checkName: () => {},
    toJson: ({ count }) => ({ count }),
    fromJson: (json) =>
      isJsonObject(json) && typeof json['count'] === 'number' ? { count: json['count'] } : undefined,
  })
}

/** A store whose next conditional write happens only after `first`. */
function delayed(w: Workspace, first: () => Promise<unknown>): Workspace {
  let todo: (() => Promise<unknown>) | undefined = first
  return withObjects(w, {
    putIfAbsent: async (...given) => {
      const before = todo
      todo = undefined
      await before?.()
      return w.objects.putIfAbsent(...given)
    },
  })
}

test('of changes made at the same time none is lost', async () => {
  const { w } = await setup()
  await counts(w).create('a', { count: 0 })
  const hands = Array.from({ length: 5 }, () => counts(w))
  await Promise.all(
    hands.map(async (hand) => {
      for (let times = 0; times < 10; times += 1) await hand.change('a', increment)
    }),
  )
  expect(await counts(w).get('a')).toMatchObject({ name: 'a', version: 51, content: { count: 50 } })
})

test('of those who create under one name at the same time one does', async () => {
  const { w } = await setup()
  const tries = await Promise.allSettled([1, 2, 3, 4].map((count) => counts(w).create('a', { count })))
  const made = tries.filter((one) => one.status === 'fulfilled')
  expect(made).toHaveLength(1)
  expect((await counts(w).get('a'))?.content).toEqual(made[0]?.value.content)
  for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'ID_IN_USE' })
})

test('a change for a version that is not there any more is refused', async () => {
  const { w } = await setup()
  const { version } = await counts(w).create('a', { count: 0 })
  await counts(w).change('a', increment, { version })
  await expect(counts(w).change('a', increment, { version })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('is not at version 1 any more'),
  })
  const slow = counts(delayed(w, () => counts(w).change('a', increment)))
  await expect(slow.change('a', increment, { version: 2 })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(counts(w).change('b', increment)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('who wakes up after so many changes that its version’s name is free again changes nothing with it', async () => {
  const { w, objects } = await setup()
  await counts(w).create('a', { count: 0 })
  const many = async () => {
    for (let times = 0; times < 25; times += 1) await counts(w).change('a', increment)
  }
  await counts(delayed(w, many)).change('a', increment)
  expect(await counts(w).get('a')).toMatchObject({ version: 27, content: { count: 26 } })
  await expect(counts(delayed(w, many)).change('a', () => ({ count: 0 }), { version: 27 })).rejects.toMatchObject({
    code: 'CONFLICT',
  })
  const late = delayed(w, async () => {
    await counts(w).create('b', { count: 1 })
    for (let times = 0; times < 25; times += 1) await counts(w).change('b', increment)
  })
  await expect(counts(late).create('b', { count: 100 })).rejects.toMatchObject({ code: 'ID_IN_USE' })
  expect((await counts(w).get('b'))?.content).toEqual({ count: 26 })
  expect((await objects.list('counts/b/')).objects).toHaveLength(20)
})

test('past versions are empty, and so is what was deleted; its name can be given again', async () => {
  const { w, objects } = await setup()
  await counts(w).create('a', { count: 1 })
  await counts(w).change('a', increment)
  expect(Object.values(await textsBelow(objects, 'counts/'))).toEqual(['', expect.stringContaining('"count":2')])
  expect(await counts(w).delete('a')).toBe(true)
  expect(await counts(w).delete('a')).toBe(false)
  expect(Object.values(await textsBelow(objects, 'counts/'))).toEqual(['', '', ''])
  expect([await counts(w).get('a'), await counts(w).has('a'), await counts(w).list()]).toEqual([undefined, false, []])
  expect(await counts(w).create('a', { count: 7 })).toMatchObject({ version: 4 })
  expect(await counts(w).list()).toEqual([{ name: 'a', version: 4, updatedAt: expect.any(Date) }])
})

test.each(['change', 'delete'] as const)('what a %s left that was cut off is gone with the next one', async (cut) => {
  const { w, objects } = await setup()
  await counts(w).create('a', { count: 1 })
  const dying = counts(withObjects(w, { put: () => Promise.reject(new Error('cut off')) }))
  await expect(cut === 'delete' ? dying.delete('a') : dying.change('a', increment)).rejects.toThrow('cut off')
  expect((await counts(w).get('a'))?.content).toEqual(cut === 'delete' ? undefined : { count: 2 })
  expect(Object.values(await textsBelow(objects, 'counts/')).join('')).toContain('"count":1')
  expect(await counts(w).delete('a')).toBe(cut === 'change')
  expect(Object.values(await textsBelow(objects, 'counts/')).join('')).toBe('')
})

test('whatever fails or dies half-way, no change that was acknowledged is lost, and none is made twice', async () => {
  const { w, objects } = await setup()
  await counts(w).create('a', { count: 0 })
  const seed = Date.now() % 1e6
  let state = seed
  const random = () => (state = (state * 48_271 + 11) % 2_147_483_647) / 2_147_483_647
  const dies = () => {
    if (random() < 0.05) throw new Error('died')
  }
  const frail =
    <Given extends unknown[], Answer>(call: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      dies()
      const answer = await call(...given)
      dies()
      return answer
    }
  const store = {
    put: frail(objects.put.bind(objects)),
    putIfAbsent: frail(objects.putIfAbsent.bind(objects)),
    get: frail(objects.get.bind(objects)),
    list: frail(objects.list.bind(objects)),
    delete: frail(objects.delete.bind(objects)),
  }
  let [made, unsure] = [0, 0]
  const work = async () => {
    for (let times = 0; times < 40; times += 1)
      await counts(withObjects(w, store))
        .change('a', increment)
        .then(
          () => (made += 1),
          () => (unsure += 1),
        )
  }
  await Promise.all([work(), work(), work(), work()])
  const told = `seed ${seed}, ${made} made, ${unsure} unsure`
  expect(Math.min(made, unsure), told).toBeGreaterThan(0)
  const { content, version } = await counts(w).change('a', increment)
  expect(content.count, told).toBeGreaterThanOrEqual(made + 1)
  expect(content.count, told).toBeLessThanOrEqual(made + unsure + 1)
  expect(version, told).toBe(content.count + 1)
  const kept = Object.values(await textsBelow(objects, 'counts/')).filter((text) => text !== '')
  expect(kept, told).toEqual([expect.stringContaining(`"count":${content.count}`)])
})

test('a deletion is of whatever is there, and a change does not bring back what was deleted', async () => {
  const { w } = await setup()
  await counts(w).create('a', { count: 0 })
  expect(await counts(delayed(w, () => counts(w).change('a', increment))).delete('a')).toBe(true)
  expect(await counts(w).get('a')).toBeUndefined()
  await counts(w).create('a', { count: 0 })
  const slow = counts(delayed(w, () => counts(w).delete('a')))
  await expect(slow.change('a', increment)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a write whose answer got lost is known again', async () => {
  const { w } = await setup()
  const deaf = withObjects(w, {
    putIfAbsent: async (...given) => {
      await w.objects.putIfAbsent(...given)
      return undefined
    },
  })
  await counts(deaf).create('a', { count: 0 })
  expect(await counts(deaf).change('a', increment)).toMatchObject({ version: 2, content: { count: 1 } })
  expect(await counts(deaf).delete('a')).toBe(true)
  expect(await counts(w).get('a')).toBeUndefined()
})

test('who reads while it changes gets what is newer, and never half of it', async () => {
  const { w } = await setup()
  await counts(w).create('a', { count: 0 })
  let isFirst = true
  const slow = withObjects(w, {
    get: async (...given) => {
      if (isFirst) {
        isFirst = false
        await counts(w).change('a', increment)
      }
      return w.objects.get(...given)
    },
  })
  expect(await counts(slow).get('a')).toMatchObject({ version: 2, content: { count: 1 } })
})

test('what a newer version wrote is told of, and what is nothing of ours is not seen', async () => {
  const { w, objects } = await setup()
  await objects.put('counts/a/000000001', Buffer.from('{"v":2,"is":{"count":1}}'))
  await objects.put('counts/b/notes.txt', Buffer.from('hello'))
  await objects.put('counts/c', Buffer.from('hello'))
  await expect(counts(w).get('a')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect((await counts(w).list()).map(({ name }) => name)).toEqual(['a'])
  expect(await counts(w).get('b')).toBeUndefined()
})

test('lists are in the order of names, and longer than a page', async () => {
  const { w, objects } = await setup()
  const names = Array.from({ length: 1100 }, (_, index) => `n-${index}`)
  for (const name of names) await objects.put(`counts/${name}/000000001`, Buffer.from('{"v":1,"is":{"count":1}}'))
  expect((await counts(w).list()).map(({ name }) => name)).toEqual(names.toSorted())
})
