import { describe, expect, test } from 'vitest'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'

describe.each(grounds)('parts of a file, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test.each([
    { kind: 'stored', body: letters.repeat(4000) },
    { kind: 'small', body: letters },
  ])('an asset and an input are read from a byte to another: $kind', async ({ body }) => {
    const { queue } = await setup()
    const handle = await queue.submit({ body })
    const job = await nextOf(queue)
    const pieces = [job.createReadStream({ start: 1, end: 3 }), job.createReadStream(undefined, { start: 2, end: 2 })]
    expect(await Promise.all(pieces.map((piece) => Array.fromAsync(piece, String)))).toEqual([['bcd'], ['c']])
    await job.complete({ body })
    const { assets } = await handle.result()
    const asset = assets['output']
    expect(await asset?.text({ start: 1, end: 3 })).toBe('bcd')
    expect(await asset?.text({ start: body.length - 2 })).toBe('yz')
    expect(await asset?.text({ end: 1 })).toBe('ab')
    expect(await asset?.text({ start: body.length })).toBe('')
    expect(await asset?.text({ start: body.length - 1, end: body.length + 50 })).toBe('z')
    const ended = await nextOf(queue, 'completed')
    expect(await Array.fromAsync(ended.createReadStream('output', { start: 3, end: 5 }), String)).toEqual(['def'])
    expect(asset?.etag).toMatch(/^"?[0-9a-f]{32}"?$/)
    expect((await handle.result()).assets['output']?.etag).toBe(asset?.etag)
  })

  test('a part of what was written over is refused, not read from the new bytes', async () => {
    const { queue } = await setup()
    const key = await queue.store({ key: 'file', body: letters })
    const object = await queue.retrieve(key)
    await queue.store({ key: 'file', body: letters.toUpperCase() })
    expect(await refusal(object.text({ start: 5 }))).toMatchObject({ code: 'INPUT_CHANGED' })
    expect((await queue.retrieve(key)).etag).not.toBe(object.etag)
  })

  test.each([{ start: -1 }, { start: 1.5 }, { end: -1 }, { start: 3, end: 2 }])('%j is no range', async (range) => {
    const { queue } = await setup()
    const object = await queue.retrieve(await queue.store({ body: letters }))
    expect(() => object.createReadStream(range)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
