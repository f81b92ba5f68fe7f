import { finished } from 'node:stream/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nextOf } from '../../queue/setup.ts'
import { grounds, here, useGateway } from '../setup.ts'

/** One event that came, its data read. */
interface Heard {
  readonly event: string | undefined
  readonly id: string | undefined
  readonly data: unknown
}

/** Reads events as a browser does. */
async function* heard(answer: Response): AsyncGenerator<Heard> {
  let rest = ''
  for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const data = field('data')
      if (data !== undefined) yield { event: field('event'), id: field('id'), data: JSON.parse(data) }
    }
  }
}

describe.each(grounds)('watching a job, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  test('tells its status, progress and logs, and ends with it; who comes back hears the rest', async () => {
    const { ask, queue, post } = await setup()
    const id = await post('jobs', 'in')
    const answer = await ask(`jobs/${id}/events`)
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const events = heard(answer)
    expect((await events.next()).value).toMatchObject({ event: 'status', data: { id, status: 'pending' } })
    const job = await nextOf(queue)
    await job.progress({ percent: 40 })
    const next = async (): Promise<Heard> => (await events.next()).value
    expect(await next()).toMatchObject({ event: 'status', data: { status: 'active', attempt: 1 } })
    expect(await next()).toMatchObject({ event: 'progress', data: { percent: 40 } })
    await finished(job.createLog('stdout').end('one\n\ntwo'))
    const first = await next()
    expect(first).toMatchObject({ event: 'log', data: { attempt: 1, stream: 'stdout', text: 'one\n\ntwo' } })
    await finished(job.createLog('stderr').end('three'))
    await job.complete({ value: 7, assets: {} })
    const others = await Array.fromAsync(events)
    expect(others.map(({ event }) => event)).toEqual(expect.arrayContaining(['status', 'log', 'end']))
    expect(others.at(-1)).toMatchObject({ event: 'end', id: 'end', data: { id, status: 'completed', value: 7 } })

    const back = await Array.fromAsync(
      heard(await ask(`jobs/${id}/events`, { headers: { 'Last-Event-ID': first.id ?? '' } })),
    )
    expect(back.map(({ event, data }) => [event, data])).toMatchObject([
      ['status', { status: 'completed' }],
      ['log', { stream: 'stderr', text: 'three' }],
      ['end', {}],
    ])
    expect((await ask(`jobs/${id}/events`, { headers: { 'Last-Event-ID': 'end' } })).status).toBe(204)
  })

  test('also of what a short program printed, once', async () => {
    const { ask, queue, post } = await setup()
    const id = await post()
    await (await nextOf(queue)).complete({ stdout: { body: 'out' }, stderr: { body: 'err' } })
    const events = await Array.fromAsync(heard(await ask(`jobs/${id}/events`)))
    const logs = events.filter(({ event }) => event === 'log')
    expect(logs.map(({ data }) => data)).toMatchObject([
      { stream: 'stdout', text: 'out' },
      { stream: 'stderr', text: 'err' },
    ])
    for (const [index, { id: last = '' }] of logs.entries()) {
      const rest = await Array.fromAsync(heard(await ask(`jobs/${id}/events`, { headers: { 'Last-Event-ID': last } })))
      expect(rest.filter(({ event }) => event === 'log')).toEqual(logs.slice(index + 1))
    }
  })

  test('is for jobs that there are', async () => {
    const { ask } = await setup()
    expect((await ask('jobs/nobody/events')).status).toBe(404)
  })

  test('ends with the gateway, and with who watches', async () => {
    const { ask, gateway, post } = await setup()
    const id = await post()
    const left = await ask(`jobs/${id}/events`)
    const reader = left.body?.getReader()
    await reader?.read()
    await reader?.read()
    await reader?.cancel()
    const events = heard(await ask(`jobs/${id}/events`))
    expect((await events.next()).value).toMatchObject({ event: 'status' })
    await gateway.close()
    expect((await events.next()).done).toBe(true)
  })
})

describe('many who watch one job', () => {
  const { setup } = useGateway(grounds[0]?.start ?? (() => Promise.reject(new Error('no ground'))))

  test('cost no more looks than one', async () => {
    const { jobs, post, backend } = await setup()
    const id = await post()
    let reads = 0
    const opened = backend.open.bind(backend)
    const counting = {
      ...backend,
      open: (place: Parameters<typeof opened>[0]) => {
        const one = opened(place)
        const get = one.objects.get.bind(one.objects)
        one.objects.get = (key, options) => {
          if (key.startsWith('live/')) reads += 1
          return get(key, options)
        }
        return one
      },
    }
    const { gateway: watched } = await setup({ backend: counting })
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const all = await Promise.all(
      Array.from({ length: 50 }, () =>
        watched(new Request(`http://localhost${jobs}/${id}/events`, { signal: stop.signal }), here),
      ),
    )
    const streams = all.map((answer) => heard(answer))
    await Promise.all(streams.map((stream) => stream.next()))
    const before = reads
    const rest = streams.map((stream) => stream.next())
    await expect.poll(() => reads - before, { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
    expect(reads - before).toBeLessThan(20)
    stop.abort()
    await Promise.all(rest)
  })
})
