import { describe, expect, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { JobCreated, JobPage, Result } from '../../../src/gateway/v1/job-schemas.ts'
import { type Answer, grounds, here, jsonOf, useGateway } from '../setup.ts'

describe.each(grounds)('jobs over HTTP, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  test('a body becomes a job, with its type, its name and what is said beside it', async () => {
    const { ask, queue, name } = await setup()
    const metadata = encodeURIComponent(JSON.stringify({ width: 3, ü: ['日'] }))
    const answer = await ask(`jobs?filename=cat.jpg&attempts=5&timeoutSeconds=60&metadata=${metadata}`, {
      method: 'POST',
      body: 'meow',
      headers: { 'Content-Type': 'image/jpeg' },
    })
    expect(answer.status).toBe(201)
    const { id, href } = JobCreated.parse(await answer.json())
    expect(answer.headers.get('Location')).toBe(href)
    expect(href).toBe(`/v1/queues/${name}/jobs/${id}`)
    const job = await nextOf(queue)
    expect(job).toMatchObject({ id, filename: 'cat.jpg', contentType: 'image/jpeg', attempts: 5, timeoutSeconds: 60 })
    expect(job.metadata).toEqual({ width: 3, ü: ['日'], filename: 'cat.jpg', contentType: 'image/jpeg' })
    expect(await job.text()).toBe('meow')
  })

  test('a form becomes a job: its metadata, and its file as it comes', async () => {
    const { ask, queue } = await setup()
    const form = new FormData()
    form.set('metadata', JSON.stringify({ width: 3 }))
    form.set('body', new File(['x'.repeat(200_000)], 'ümläut.txt', { type: 'text/plain' }))
    const answer = await ask('jobs?attempts=2', { method: 'POST', body: form })
    expect(answer.status).toBe(201)
    const job = await nextOf(queue)
    expect(job).toMatchObject({ filename: 'ümläut.txt', contentType: 'text/plain', attempts: 2 })
    expect(job.metadata).toMatchObject({ width: 3 })
    expect((await job.text()).length).toBe(200_000)
  })

  test('the metadata of a form is a mebibyte at most, and its file the only one', async () => {
    const { ask, queue } = await setup()
    const send = async (bytes: number, files = 1): Promise<readonly [number, Answer]> => {
      const form = new FormData()
      form.set('metadata', `{"a":"${'x'.repeat(bytes - '{"a":""}'.length)}"}`)
      for (let left = files; left > 0; left -= 1) form.append('body', new File(['in'], 'a'))
      const answer = await ask('jobs', { method: 'POST', body: form })
      return [answer.status, await jsonOf(answer)]
    }
    expect((await send(1_048_576))[0]).toBe(201)
    expect(JSON.stringify((await nextOf(queue)).metadata['a'])).toHaveLength(1_048_576 - '{"a":}'.length)
    expect(await send(1_048_577)).toMatchObject([400, { detail: expect.stringContaining('more than 1048576 bytes') }])
    expect(await send(100, 2)).toMatchObject([400, { detail: expect.stringContaining('a second file `body`') }])
  })

  test('a name that leads elsewhere, or has in it what no name has, is a name and nothing else', async () => {
    const { ask, askJson, queue } = await setup()
    const disposition = String.raw`form-data; name="body"; filename="a"; filename*=UTF-8''..%2f..%2fetc%2fp%0d%0aX-A%3a%20b%00.txt`
    const body = `--x\r\nContent-Disposition: ${disposition}\r\n\r\nabc\r\n--x--\r\n`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' }
    const { id } = await askJson('jobs', { method: 'POST', body, headers })
    expect((await nextOf(queue)).filename).toBe('p\r\nX-A: b\0.txt')
    const answer = await ask(`jobs/${String(id)}/input`)
    expect([await answer.text(), answer.headers.get('X-A')]).toEqual(['abc', null])
    expect(answer.headers.get('Content-Disposition')).toBe(
      `attachment; filename="p__X-A: b_.txt"; filename*=UTF-8''p%0D%0AX-A%3A%20b%00.txt`,
    )
  })

  test('metadata alone is a job too, from a query or a form', async () => {
    const { ask, queue } = await setup()
    await ask('jobs?metadata={"n":1}', { method: 'POST' })
    const first = await nextOf(queue)
    expect([first.metadata, first.size]).toEqual([{ n: 1 }, 0])
    const form = new FormData()
    form.set('metadata', '{"n":2}')
    await ask('jobs', { method: 'POST', body: form })
    expect((await nextOf(queue)).metadata).toEqual({ n: 2 })
  })

  test('a job is looked at, waited for and read', async () => {
    const { ask, askJson, queue, name, post } = await setup()
    const id = await post('jobs?metadata={"n":1}', 'in')
    expect(await askJson(`jobs/${id}`)).toMatchObject({
      id,
      queue: name,
      status: 'pending',
      metadata: { n: 1 },
      input: { size: 2, href: `/v1/queues/${name}/jobs/${id}/input` },
      submittedAt: expect.any(String),
      attempts: 3,
      events: [],
    })
    const early = await ask(`jobs/${id}/result`)
    expect([early.status, await early.json()]).toEqual([202, { id, status: 'pending' }])
    const job = await nextOf(queue)
    await job.progress({ percent: 40 })
    expect(await askJson(`jobs/${id}`)).toMatchObject({
      status: 'active',
      active: { attempt: 1, progress: { percent: 40 } },
    })
    const waiting = ask(`jobs/${id}/result?wait=20`)
    await job.complete({ value: 7, assets: { out: { body: 'purr', filename: 'a.txt' } } })
    const answer = await waiting
    expect(answer.status).toBe(200)
    const result = Result.parse(await answer.json())
    expect(result).toMatchObject({ id, status: 'completed', attempt: 1, value: 7 })
    expect(result.assets).toEqual([
      {
        name: 'out',
        size: 4,
        filename: 'a.txt',
        contentType: 'text/plain',
        href: `/v1/queues/${name}/jobs/${id}/assets/out`,
      },
    ])
    expect(await (await ask(result.assets[0]?.href ?? '')).text()).toBe('purr')
    expect((await askJson(`jobs/${id}?wait=20`))['result']).toEqual(result)
    expect(await (await ask(`jobs/${id}/input`)).text()).toBe('in')
  })

  test('an answer that is known already is not sent again', async () => {
    const { ask, queue, post } = await setup()
    const id = await post('jobs', 'in')
    const first = await ask(`jobs/${id}`)
    const tag = first.headers.get('ETag') ?? ''
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/)
    const known = { headers: { 'If-None-Match': `"other", W/${tag}` } }
    expect((await ask(`jobs/${id}`, known)).status).toBe(304)
    await (await nextOf(queue)).complete({ body: 'out' })
    expect((await ask(`jobs/${id}`, known)).status).toBe(200)
    const result = await ask(`jobs/${id}/result`)
    const again = { headers: { 'If-None-Match': result.headers.get('ETag') ?? '' } }
    expect((await ask(`jobs/${id}/result`, again)).status).toBe(304)
  })

  test('other ends are results too, without the stack of the worker', async () => {
    const { ask, askJson, queue, post } = await setup()
    const failed = await post()
    await (await nextOf(queue)).fail(Object.assign(new TypeError('no'), { code: 'E_NO' }), { log: { body: 'why' } })
    expect(await askJson(`jobs/${failed}/result`)).toMatchObject({
      status: 'failed',
      error: { name: 'TypeError', message: 'no', code: 'E_NO' },
      assets: [{ name: 'log' }],
    })
    expect(await (await ask(`jobs/${failed}`)).text()).not.toContain('stack')
    const cancelled = await post()
    expect(await askJson(`jobs/${cancelled}/cancel`, { method: 'POST' })).toEqual({ cancelled: true })
    expect(await askJson(`jobs/${failed}/cancel`, { method: 'POST' })).toEqual({ cancelled: false })
    expect(await askJson(`jobs/${cancelled}/result?wait=5`)).toMatchObject({ status: 'cancelled', attempt: 0 })
  })

  test('a past job is tried again, once for one key', async () => {
    const { ask, askJson, queue, post } = await setup()
    const id = await post('jobs?metadata={"n":1}', 'in')
    await (await nextOf(queue)).fail(new Error('no'))
    const init = { method: 'POST', headers: { 'Idempotency-Key': 'again' } }
    const [first, second] = [await askJson(`jobs/${id}/retry`, init), await askJson(`jobs/${id}/retry`, init)]
    expect(second).toEqual(first)
    expect(await askJson(`jobs/${String(first['id'])}`)).toMatchObject({ retryOf: id, metadata: { n: 1 } })
    expect((await ask(`jobs/${id}/retry?delaySeconds=5`, init)).status).toBe(422)
    expect((await ask('jobs/nobody/retry', { method: 'POST' })).status).toBe(404)
  })

  test('jobs are listed in pages, by status too', async () => {
    const { ask, askJson, queue, post } = await setup()
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.unshift(await post(`jobs?metadata={"n":${n}}`))
    await queue.cancel(ids[1] ?? '')
    const seen: unknown[] = []
    let path: string | undefined = 'jobs?limit=2'
    for (let pages = 0; path; pages += 1) {
      const { jobs, next } = JobPage.parse(await (await ask(path)).json())
      expect(jobs.length).toBe(pages === 2 ? 1 : 2)
      seen.push(...jobs.map((job) => job.id))
      path = next && `jobs?limit=2&cursor=${next}`
    }
    expect(seen).toEqual(ids)
    expect(await askJson('jobs?status=cancelled')).toMatchObject({
      jobs: [{ id: ids[1], status: 'cancelled', submittedAt: expect.any(String), finishedAt: expect.any(String) }],
    })
    expect((await ask('jobs?cursor=made-up')).status).toBe(400)
    expect(await askJson(`jobs?until=2026-01-01T00:00:00Z`)).toEqual({ jobs: [] })
  })

  test('one key is one job, at any gateway; another request under it is refused', async () => {
    const { ask, queue, backend, name } = await setup()
    const other = await setup({ backend })
    const post = (body: string | undefined, path = 'jobs?metadata={"n":1}', at = ask) =>
      at(`/v1/queues/${name}/${path}`, { method: 'POST', body: body ?? null, headers: { 'Idempotency-Key': 'k1' } })
    const first = await jsonOf(await post('bytes'))
    const second = await post('bytes', undefined, other.ask)
    expect([second.status, await second.json()]).toEqual([201, first])
    for (const [body, path] of [
      ['other', undefined],
      ['bytes and more', undefined],
      ['byte', undefined],
      [undefined, undefined],
      ['bytes', 'jobs?metadata={"n":2}'],
      ['bytes', 'jobs?metadata={"n":1}&attempts=7'],
    ] as const) {
      const refused = await post(body, path)
      expect([refused.status, (await jsonOf(refused))['code']]).toEqual([422, 'ID_IN_USE'])
    }
    await (await nextOf(queue)).complete()
    expect(await jsonOf(await post('bytes'))).toEqual(first)
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
    expect(await Array.fromAsync(queue.list())).toHaveLength(1)
  })

  test.each([
    ['jobs?metadata=[1]', {}, 400],
    ['jobs?metadata={', {}, 400],
    ['jobs?metadata={"key":"a"}', {}, 400],
    ['jobs?attempts=0', {}, 400],
    ['jobs?attempts=many', {}, 400],
    ['jobs?unheard=of', {}, 400],
    ['jobs?id=a/b', {}, 400],
    ['jobs?id=run.a', {}, 400],
    ['jobs?delaySeconds=1&runAt=2026-12-01T00:00:00Z', {}, 400],
    ['jobs?group=%00', {}, 400],
    ['jobs', { headers: { 'Idempotency-Key': '' } }, 400],
    ['jobs', { headers: { 'Idempotency-Key': 'k'.repeat(10_000) } }, 400],
    ['jobs?id=a', { headers: { 'Idempotency-Key': 'k' } }, 400],
    ['jobs', { headers: { 'Content-Type': 'multipart/form-data' }, body: 'no form' }, 400],
    ['jobs', { headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: 'no form' }, 400],
    ['jobs', { headers: { 'Content-Type': 'multipart/form-data; boundary=x' }, body: '--x\r\n' }, 400],
    ['/v1/queues/unknown-queue/jobs', {}, 404],
    ['/v1/queues/..%2f..%2fetc/jobs', {}, 400],
  ] as const)('POST %s with %j is refused, and nothing is made', async (path, init, status) => {
    const { ask, queue } = await setup()
    const answer = await ask(path, { method: 'POST', ...init })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    const { detail } = await jsonOf(answer)
    expect(detail).not.toBe('')
    expect(detail).not.toMatch(/remotejob-queue-|NaN/)
    expect(await Array.fromAsync(queue.list())).toEqual([])
  })

  test.each([
    'jobs/nobody',
    'jobs/nobody/result',
    'jobs/nobody/result?wait=1',
    'jobs/nobody/input',
    'jobs/nobody/assets/a',
  ])('GET %s of a job that there is not is 404', async (path) => {
    const { ask } = await setup()
    expect((await ask(path)).status).toBe(404)
  })

  test('of a form that breaks off, or goes on behind its file, nothing is made', async () => {
    const { ask, queue } = await setup()
    const part = (name: string, more: string, value: string): string =>
      `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
    const file = part('body', '; filename="a"', 'x'.repeat(100_000))
    for (const body of [
      part('metadata', '', '{"n":1}') + file.slice(0, 50_000),
      part('metadata', '', '{"n":1}') + file,
      `${file}${part('metadata', '', '{"n":1}')}--x--\r\n`,
      `${file}${file}--x--\r\n`,
      `${part('other', '', 'a')}${file}--x--\r\n`,
      `${part('metadata', '', '[]')}${file}--x--\r\n`,
      `${part('metadata', '', '{}')}${part('metadata', '', '{}')}${file}--x--\r\n`,
    ]) {
      const answer = await ask('jobs', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
      })
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { detail: expect.stringContaining('The form cannot be read') },
      ])
    }
    expect(await Array.fromAsync(queue.list())).toEqual([])
  })

  test('of a body whose sender goes away nothing is made', async () => {
    const { gateway, queue, jobs } = await setup()
    for (const type of ['text/plain', 'multipart/form-data; boundary=x']) {
      const gone = new AbortController()
      let pulls = 0
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulls += 1
          const head = '--x\r\nContent-Disposition: form-data; name="body"; filename="a"\r\n\r\n'
          if (pulls < 4) controller.enqueue(Buffer.from(pulls === 1 ? head : 'y'.repeat(50_000)))
          else {
            gone.abort()
            controller.error(new Error('gone'))
          }
        },
      })
      const request = new Request(`http://localhost${jobs}`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': type },
        signal: gone.signal,
        duplex: 'half',
      })
      expect((await gateway(request, here)).status).toBe(499)
    }
    expect(await Array.fromAsync(queue.list())).toEqual([])
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })
})
