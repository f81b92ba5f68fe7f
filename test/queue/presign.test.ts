import { describe, expect, test } from 'vitest'
import { grounds, nextOf, onAws, onLocal, refusal, useStage } from './setup.ts'

describe('a URL for who has no keys', () => {
  const { setup } = useStage(onAws)

  test.each([
    ['with a name', { filename: 'ümlaut cat.jpg', width: 3 }],
    ['with a type', { contentType: 'text/x-odd; charset=utf-8' }],
    ['with nothing', {}],
    ['with much', { long: 'ü'.repeat(3000) }],
  ])('takes bytes %s as `store` would have', async (_, data) => {
    const { queue } = await setup()
    const { key, method, url, headers, expiresAt } = await queue.presignUpload(data, { expiresSeconds: 60 })
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(60_000)
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
    expect(url).not.toMatch(/checksum/i)
    expect((await fetch(url, { method, headers, body: 'the bytes' })).status).toBe(200)
    const [theirs, ours] = [
      await queue.retrieve(key),
      await queue.retrieve(await queue.store({ ...data, body: 'the bytes' })),
    ]
    const saidOf = ({ metadata, filename, contentType, size }: typeof ours) => ({
      metadata,
      filename,
      contentType,
      size,
    })
    expect(saidOf(theirs)).toEqual(saidOf(ours))
    expect(await theirs.text()).toBe('the bytes')
    const handle = await queue.trigger('pending', key)
    const job = await nextOf(queue)
    expect([job.id, job.metadata, await job.text()]).toEqual([handle.id, ours.metadata, 'the bytes'])
  })

  test('takes them once', async () => {
    const { queue } = await setup()
    const { url, headers, key } = await queue.presignUpload({ key: 'mine/file' })
    expect(key).toBe('mine/file')
    expect((await fetch(url, { method: 'PUT', headers, body: 'first' })).status).toBe(200)
    expect((await fetch(url, { method: 'PUT', headers, body: 'second' })).status).toBe(412)
    expect(await (await queue.retrieve(key)).text()).toBe('first')
  })

  test('signs all that must be sent as it was said', async () => {
    const { queue } = await setup({ prefix: 'below' })
    const { url, headers } = await queue.presignUpload({ filename: 'a.txt' }, { size: 9 })
    expect(new URL(url).pathname).toContain('/below/stored/')
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-meta-remotejob',
    )
    expect(Object.keys(headers).toSorted()).toEqual(['Content-Type', 'If-None-Match', 'x-amz-meta-remotejob'])
  })

  test('reads an asset, with the name that it shall have', async () => {
    const { queue } = await setup()
    const body = 'x'.repeat(100_000)
    const handle = await queue.submit({})
    await (await nextOf(queue)).complete({ large: { body, contentType: 'text/x-odd' }, small: { body: 's' } })
    const { assets } = await handle.result()
    const url =
      (await assets['large']?.presign({ disposition: 'attachment; filename="a.txt"', expiresSeconds: 5 })) ?? ''
    const { searchParams } = new URL(url)
    expect(searchParams.get('response-content-disposition')).toBe('attachment; filename="a.txt"')
    expect(searchParams.get('response-content-type')).toBe('text/x-odd')
    expect(await (await fetch(url)).text()).toBe(body)
    expect(await assets['small']?.presign()).toBeUndefined()
  })
})

describe.each(grounds)('a URL that cannot be, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test.each([{ expiresSeconds: 0 }, { expiresSeconds: 604_801 }, { size: -1 }, { size: 5 * 1024 ** 3 + 1 }])(
    '%j is refused',
    async (options) => {
      const { queue, keys } = await setup()
      expect(await refusal(queue.presignUpload({}, options))).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(await keys()).toEqual([])
    },
  )

  test('nor one with a body, which would be left behind', async () => {
    const { queue } = await setup()
    expect(await refusal(queue.presignUpload({ body: 'b' }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('a local folder', () => {
  const { setup } = useStage(onLocal)

  test('has no URLs, and says so', async () => {
    const { queue, keys } = await setup()
    expect(await refusal(queue.presignUpload({ long: 'x'.repeat(3000) }))).toMatchObject({ code: 'UNSUPPORTED' })
    expect(await keys()).toEqual([])
    expect(await (await queue.retrieve(await queue.store({ body: 'b' }))).presign()).toBeUndefined()
  })
})
