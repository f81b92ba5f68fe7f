import { describe, expect, test, vi } from 'vitest'
import { createGateway, createToken, type LimitOptions } from '../../../src/gateway.ts'
import { takeLargeBody } from '../../../src/gateway/limits/limit-body.ts'
import { statuses } from '../access/ask.ts'
import { entered } from '../entered.ts'

const { token, entry } = createToken({ name: 'ci', scopes: ['admin'] })
const from = (remoteAddress: string) => ({ remoteAddress })

/** A gateway that tells how many bytes it got. */
function bytesOf(limits: LimitOptions) {
  const { gateway } = entered({ open: true, limits }, (app) => {
    app.post('/bytes', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
    app.post('/json', async (c) => {
      const read: unknown = await c.req.json().catch(() => undefined)
      return read === undefined ? c.text('no JSON', 400) : c.text('JSON')
    })
    app.post('/store', async (c) => {
      takeLargeBody(c)
      return c.text(String((await c.req.arrayBuffer()).byteLength))
    })
  })
  return (path: string, init: RequestInit) =>
    gateway(new Request(`http://localhost${path}`, { method: 'POST', ...init }))
}

/** A body that is made as it is read, and counts what was. */
function endless(chunk: number, most = Infinity) {
  const seen = { chunks: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.chunks === most) return controller.close()
        seen.chunks += 1
        controller.enqueue(new Uint8Array(chunk))
      },
      cancel() {
        seen.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

describe('a body', () => {
  test('that says that it is too large is refused before a byte of it is read', async () => {
    const { body, seen } = endless(10)
    const headers = { 'Content-Length': '1001' }
    const answer = await bytesOf({ bodyBytes: 1000 })('/bytes', { body, headers, duplex: 'half' })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ status: 413, detail: 'The body is larger than 1000 bytes' })
    expect(seen.chunks).toBe(0)
  })

  test('that does not say its size is read up to the limit, and no further', async () => {
    const { body, seen } = endless(100)
    const answer = await bytesOf({ bodyBytes: 1000 })('/bytes', { body, duplex: 'half' })
    expect(answer.status).toBe(413)
    expect(seen).toEqual({ chunks: 11, isCancelled: true })
  })

  test('may be as large as the limit, and its bytes are those that came', async () => {
    const ask = bytesOf({ bodyBytes: 1000 })
    const streamed = await ask('/bytes', { body: endless(100, 10).body, duplex: 'half' })
    const whole = await ask('/bytes', { body: new Uint8Array(1000), headers: { 'Content-Length': '1000' } })
    expect([streamed.status, await streamed.text(), whole.status, await whole.text()]).toEqual([
      200,
      '1000',
      200,
      '1000',
    ])
  })

  test.each([
    'application/json',
    'application/problem+json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'Text/JSON',
  ])('of type %s, which is read whole, may only be small, also where its reader takes it for no JSON', async (type) => {
    const ask = bytesOf({ wholeBodyBytes: 1000 })
    const headers = { 'Content-Type': type }
    expect((await ask('/json', { body: endless(100, 11).body, headers, duplex: 'half' })).status).toBe(413)
    const large = { ...headers, 'Content-Length': '1001' }
    expect((await ask('/json', { body: JSON.stringify('x'.repeat(999)), headers: large })).status).toBe(413)
    const small = { ...headers, 'Content-Length': '1000' }
    expect((await ask('/json', { body: JSON.stringify('x'.repeat(998)), headers: small })).status).toBe(200)
  })

  test('of any type may be large where it is stored, and no larger than all', async () => {
    const ask = bytesOf({ wholeBodyBytes: 100, bodyBytes: 1000 })
    const headers = { 'Content-Type': 'application/json' }
    const answers = [10, 11].map((chunks) =>
      ask('/store', { body: endless(100, chunks).body, headers, duplex: 'half' }),
    )
    expect(await statuses(answers)).toEqual([200, 413])
  })

  test.each(['-1', '1e3', '0x10', '1 000', 'many'])('of the size %j is no request', async (size) => {
    expect((await bytesOf({})('/bytes', { body: 'x', headers: { 'Content-Length': size } })).status).toBe(400)
  })
})

describe('requests a second', () => {
  /** A gateway where ten requests are as many as ten seconds have. */
  const slow = () => {
    const { gateway } = entered({ tokens: [entry], limits: { requestsPerSecond: 1 } }, (app) =>
      app.get('/', (c) => c.text('')),
    )
    return (remoteAddress: string, headers = {}) =>
      gateway(new Request('http://localhost/', { headers }), from(remoteAddress))
  }

  test('are counted for an address: the next is told when to come back, and others are not held up', async () => {
    const ask = slow()
    const answers = Array.from({ length: 10 }, () => ask('203.0.113.7'))
    expect(await statuses(answers)).toEqual(Array.from({ length: 10 }, () => 200))
    const refused = await ask('203.0.113.7')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 10)
    expect((await ask('203.0.113.8')).status).toBe(200)
  })

  test('are counted for a caller, wherever it comes from', async () => {
    const ask = slow()
    const headers = { Authorization: `Bearer ${token}` }
    const answers = Array.from({ length: 11 }, (_, index) => ask(`203.0.113.${index}`, headers))
    expect((await statuses(answers)).toSorted()).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  })

  test('are counted for the whole network of an IPv6 address, which one caller has all of', async () => {
    const ask = slow()
    const answers = Array.from({ length: 11 }, (_, index) => ask(`2001:db8::${index + 1}`))
    expect((await statuses(answers)).filter((status) => status === 429)).toHaveLength(1)
    expect((await ask('2001:db8:0:1::1')).status).toBe(200)
  })
})

test('wrong tokens are counted, and right ones from the same address are taken all the same', async () => {
  const { gateway } = entered({ tokens: [entry], limits: { wrongTokensPerMinute: 3 } }, (app) =>
    app.get('/', (c) => c.text('')),
  )
  const ask = (given: string) =>
    gateway(new Request('http://localhost/', { headers: { Authorization: `Bearer ${given}` } }), from('203.0.113.7'))
  const body = new URLSearchParams({ token: 'guess' })
  const login = () => gateway(new Request('http://localhost/login', { method: 'POST', body }), from('203.0.113.7'))
  expect(await statuses([ask('guess'), ask('guess')])).toEqual([401, 401])
  expect((await login()).status).toBe(401)
  const refused = [await ask('guess'), await login()]
  expect(refused.map(({ status }) => status)).toEqual([429, 429])
  expect(Number(refused[0]?.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect((await ask(token)).status).toBe(200)
})

describe('requests at the same time', () => {
  /** A gateway whose requests end when they are told to. */
  const held = (limits: LimitOptions) => {
    const { promise, resolve: end } = Promise.withResolvers<void>()
    const { gateway, house } = entered({ open: true, limits }, (app) => {
      app.get('/', async (c) => {
        await promise
        return c.text('')
      })
      app.get('/quick', (c) => c.text(''))
    })
    const ask = (path: string, remoteAddress: string, ended?: Promise<void>) =>
      gateway(new Request(`http://localhost${path}`), { remoteAddress, ended })
    return { ask, end, house }
  }

  test('are no more than a caller may have, and others still get in', async () => {
    const { ask, end } = held({ concurrentRequestsPerCaller: 2 })
    const waiting = [ask('/', '203.0.113.7'), ask('/', '203.0.113.7')]
    const refused = await ask('/quick', '203.0.113.7')
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1'])
    expect((await ask('/quick', '203.0.113.8')).status).toBe(200)
    end()
    expect(await statuses(waiting)).toEqual([200, 200])
    expect((await ask('/quick', '203.0.113.7')).status).toBe(200)
  })

  test('are no more than the gateway has room for', async () => {
    const { ask, end, house } = held({ concurrentRequests: 2 })
    const waiting = [ask('/', '203.0.113.7'), ask('/', '203.0.113.8')]
    const refused = await ask('/quick', '203.0.113.9')
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1'])
    expect((await ask('/health', '203.0.113.9')).status).toBe(200)
    end()
    await Promise.all(waiting)
    expect((await ask('/quick', '203.0.113.9')).status).toBe(200)
    expect(house.crowd.size).toBe(0)
  })

  test('end also where a route ends with what is no error, as the reason of an abort may be', async () => {
    const { gateway, house } = entered({ open: true, limits: { concurrentRequestsPerCaller: 1 } }, (app) => {
      app.get('/quick', (c) => c.text(''))
      app.get('/gone', (c) => {
        c.req.raw.signal.throwIfAborted()
        return c.text('')
      })
    })
    const signal = AbortSignal.abort('the client is gone')
    await gateway(new Request('http://localhost/gone', { signal })).catch(() => {})
    expect(house.crowd.size).toBe(0)
    expect((await gateway(new Request('http://localhost/quick'))).status).toBe(200)
  })

  test('last until their answers are sent, where that is told', async () => {
    const { ask, house } = held({})
    const sent = Promise.withResolvers<void>()
    await ask('/quick', '203.0.113.7', sent.promise)
    expect(house.crowd.size).toBe(1)
    sent.resolve()
    await expect.poll(() => house.crowd.size).toBe(0)
  })
})

describe('an answer that does not come', () => {
  test('is given up, and not while a body still comes', async () => {
    vi.useFakeTimers()
    try {
      const { gateway } = entered({ open: true, limits: { answerSeconds: 10 } }, (app) => {
        app.get('/never', () => new Promise<Response>(() => {}))
        app.post('/bytes', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)))
      })
      const never = gateway(new Request('http://localhost/never'))
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 9000))
            if (Date.now() - began > 40_000) controller.close()
            else controller.enqueue(new Uint8Array(10))
          },
        },
        { highWaterMark: 0 },
      )
      const began = Date.now()
      const long = gateway(new Request('http://localhost/bytes', { method: 'POST', body, duplex: 'half' }))
      await vi.advanceTimersByTimeAsync(60_000)
      expect((await never).status).toBe(504)
      const answer = await long
      expect([answer.status, await answer.text()]).toEqual([200, '40'])
    } finally {
      vi.useRealTimers()
    }
  })
})

test.each([
  [{ bodyBytes: 0 }, 'Expected `limits.bodyBytes` to be an integer from 1'],
  [{ requestsPerSecond: 0.5 }, 'Expected `limits.requestsPerSecond` to be an integer from 1'],
  [{ answerSeconds: 100_000 }, 'Expected `limits.answerSeconds` to be an integer from 1 to 86400'],
])('the limits %j are refused at the start', (limits, message) => {
  expect(() => createGateway({ limits })).toThrow(message)
})
