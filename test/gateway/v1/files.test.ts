import { finished } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { grounds, jsonOf, type Scene, useGateway } from '../setup.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'
/** Above what rides inside a result. */
const long = letters.repeat(4000)
/** Of what a browser could run. */
const foreignPolicy = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox"

async function done(
  { post, queue }: Scene,
  assets: Record<string, { body: string; filename?: string; contentType?: string }>,
) {
  const id = await post('jobs?filename=in.txt', letters)
  const job = await nextOf(queue)
  await job.complete(assets)
  return id
}

describe.each(grounds)('bytes over HTTP, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  test.each([
    { kind: 'inside the result', body: letters },
    { kind: 'stored', body: long },
  ])('an asset is had whole, or in parts: $kind', async ({ body }) => {
    const scene = await setup()
    const id = await done(scene, { 'a/ü b.bin': { body } })
    const path = `jobs/${id}/assets/${encodeURIComponent('a/ü b.bin')}`
    const size = body.length
    const whole = await scene.ask(path)
    expect(await whole.text()).toBe(body)
    expect(whole.headers.get('Content-Length')).toBe(`${size}`)
    expect(whole.headers.get('Accept-Ranges')).toBe('bytes')
    const tag = whole.headers.get('ETag') ?? ''
    const get = async (range: string, headers: Record<string, string> = {}) => {
      const answer = await scene.ask(path, { headers: { Range: range, ...headers } })
      return [answer.status, answer.headers.get('Content-Range'), await answer.text()]
    }
    expect(await get('bytes=1-3')).toEqual([206, `bytes 1-3/${size}`, 'bcd'])
    expect(await get('bytes=0-0')).toEqual([206, `bytes 0-0/${size}`, 'a'])
    expect(await get('bytes=-2')).toEqual([206, `bytes ${size - 2}-${size - 1}/${size}`, 'yz'])
    expect(await get(`bytes=${size - 1}-`)).toEqual([206, `bytes ${size - 1}-${size - 1}/${size}`, 'z'])
    expect(await get(`bytes=${size - 1}-${size + 9}`)).toEqual([206, `bytes ${size - 1}-${size - 1}/${size}`, 'z'])
    expect(await get(`bytes=-${size + 9}`)).toEqual([206, `bytes 0-${size - 1}/${size}`, body])
    for (const unsatisfiable of [`bytes=${size}-`, `bytes=${size}-${size + 5}`, 'bytes=-0'])
      expect((await get(unsatisfiable)).slice(0, 2)).toEqual([416, `bytes */${size}`])
    for (const meaningless of ['bytes=3-1', 'bytes=', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=a-b'])
      expect(await get(meaningless)).toEqual([200, null, body])
    expect(await get('bytes=1-3', { 'If-Range': tag })).toEqual([206, `bytes 1-3/${size}`, 'bcd'])
    expect(await get('bytes=1-3', { 'If-Range': '"other"' })).toEqual([200, null, body])
    expect(await get('bytes=1-3', { 'If-None-Match': tag })).toEqual([304, null, ''])
    expect((await get('bytes=1-3', { 'If-Match': '"other"' }))[0]).toBe(412)
    expect((await get('bytes=1-3', { 'If-Match': tag }))[0]).toBe(206)
    const head = await scene.ask(path, { method: 'HEAD' })
    expect([head.status, head.headers.get('Content-Length'), await head.text()]).toEqual([200, `${size}`, ''])
  })

  test('of an empty file there is no part', async () => {
    const scene = await setup()
    const id = await done(scene, { empty: { body: '' } })
    const answer = await scene.ask(`jobs/${id}/assets/empty`)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect((await scene.ask(`jobs/${id}/assets/empty`, { headers: { Range: 'bytes=0-' } })).status).toBe(416)
  })

  test('an input is read like an asset; one that was written over is gone', async () => {
    const scene = await setup()
    const id = await scene.post('jobs?filename=in.txt', letters)
    const answer = await scene.ask(`jobs/${id}/input`, { headers: { Range: 'bytes=2-4' } })
    expect([answer.status, await answer.text(), answer.headers.get('Content-Type')]).toEqual([
      206,
      'cde',
      'text/plain;charset=UTF-8',
    ])
    const handle = await scene.queue.trigger('pending', await scene.queue.store({ key: 'mine', body: 'first' }))
    await scene.queue.store({ key: 'mine', body: 'second' })
    const changed = await scene.ask(`jobs/${handle.id}/input`)
    expect([changed.status, await jsonOf(changed)]).toMatchObject([410, { code: 'INPUT_CHANGED' }])
  })

  test('what somebody stored runs nowhere, and is shown only where that is asked for', async () => {
    const scene = await setup()
    const id = await done(scene, {
      page: {
        body: '<script>alert(1)</script>',
        contentType: 'text/html',
        filename: 'a"\r\nb.html'.replace(/[\r\n]/g, ''),
      },
      drawing: { body: '<svg onload="alert(1)"/>', contentType: 'image/svg+xml' },
      photo: { body: 'png', contentType: 'image/png', filename: '写真 (1).png' },
    })
    for (const [name, policy] of [
      ['page', foreignPolicy],
      ['drawing', foreignPolicy],
      ['photo', "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"],
    ]) {
      const { headers } = await scene.ask(`jobs/${id}/assets/${name}`)
      expect(headers.get('Content-Security-Policy')).toBe(policy)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Content-Disposition')).toMatch(/^attachment/)
    }
    const photo = await scene.ask(`jobs/${id}/assets/photo?disposition=inline`)
    expect(photo.headers.get('Content-Disposition')).toBe(
      'inline; filename="__ (1).png"; filename*=UTF-8\'\'%E5%86%99%E7%9C%9F%20%281%29.png',
    )
    const page = await scene.ask(`jobs/${id}/assets/page`)
    expect(page.headers.get('Content-Disposition')).toBe(
      'attachment; filename="a_b.html"; filename*=UTF-8\'\'a%22b.html',
    )
  })

  test.each(['image/png, text/html', 'image/pñg', 'png', ''])(
    'the type %j of what somebody stored is no header',
    async (contentType) => {
      const scene = await setup()
      const id = await done(scene, { odd: { body: '<script>alert(1)</script>', contentType } })
      const { status, headers } = await scene.ask(`jobs/${id}/assets/odd`)
      expect([status, headers.get('Content-Type')]).toEqual([200, 'application/octet-stream'])
      expect(headers.get('Content-Security-Policy')).toBe(foreignPolicy)
    },
  )

  test('logs are had as text, now or until the job ends', async () => {
    const scene = await setup()
    const id = await scene.post()
    const job = await nextOf(scene.queue)
    const [out, err] = [job.createLog('stdout'), job.createLog('stderr')]
    const followed = scene.ask(`jobs/${id}/logs?follow=true`).then((answer) => answer.text())
    await finished(out.end('one\n'))
    await finished(err.end('two\n'))
    expect(await (await scene.ask(`jobs/${id}/logs?stream=stderr`)).text()).toBe('two\n')
    await job.complete()
    expect(await followed).toBe('one\ntwo\n')
    const answer = await scene.ask(`jobs/${id}/logs`)
    expect([answer.status, await answer.text()]).toEqual([200, 'one\ntwo\n'])
    expect((await scene.ask(`jobs/${id}/logs?attempt=2`)).status).toBe(200)
    for (const path of ['jobs/nobody/logs', 'jobs/nobody/logs?follow=true'])
      expect((await scene.ask(path)).status).toBe(404)
    expect((await scene.ask(`jobs/${id}/logs?stream=a/b`)).status).toBe(400)
  })
})
