import { describe, expect, test } from 'vitest'
import { createGateway, createToken } from '../../../src/gateway.ts'
import { doors, statuses } from './ask.ts'

const { token, entry } = createToken({ name: 'ada', scopes: ['admin'] })
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

describe('without tokens', () => {
  test.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'jobs.localhost'])(
    'the gateway can be called %s',
    async (host) => {
      expect((await doors({})(`http://${host}/may/read`, { headers: { Host: host } })).status).toBe(200)
    },
  )

  test.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0:8080',
    '10.0.0.1',
  ])('a page that has its own name, %s, lead to this machine is refused', async (host) => {
    const answer = await doors({})(`http://${host}/may/read`, {
      headers: { Host: host, 'Sec-Fetch-Site': 'same-origin' },
    })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('not known by that name')
  })

  test('a whole address in the request line is not taken for the host', async () => {
    const ask = doors({})
    const answers = [
      ask('http://localhost/may/read', { headers: { Host: 'evil.example' } }),
      ask('http://evil.example/may/read', { headers: { Host: 'localhost' } }),
    ]
    expect(await statuses(answers)).toEqual([403, 403])
  })

  test('other names can be allowed', async () => {
    const ask = doors({ hosts: ['Jobs.internal'] })
    expect(await statuses([ask('http://jobs.internal/may/read'), ask('http://other.internal/may/read')])).toEqual([
      200, 403,
    ])
  })
})

describe('a page of another site', () => {
  const foreign: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    [
      'posts a form',
      'POST',
      {
        ...form,
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'document',
        Origin: 'https://evil.example',
      },
    ],
    ['posts a form in a browser without fetch metadata', 'POST', { ...form, Origin: 'http://evil.example' }],
    ['posts a form from a sandbox', 'POST', { ...form, Origin: 'null' }],
    [
      'posts text with fetch',
      'POST',
      {
        'Content-Type': 'text/plain',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'no-cors',
        Origin: 'https://evil.example',
      },
    ],
    [
      'on another port of this machine posts a form',
      'POST',
      { ...form, 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:3000' },
    ],
    [
      'on another port of this machine posts one without fetch metadata',
      'POST',
      { ...form, Origin: 'http://localhost:3000' },
    ],
    [
      'shows data as an image',
      'GET',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
    ],
    [
      'loads data as a script',
      'GET',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' },
    ],
    [
      'shows data in a frame',
      'GET',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
    ],
    [
      'fetches data',
      'GET',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', Origin: 'https://evil.example' },
    ],
    ['asks what it may', 'OPTIONS', { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'DELETE' }],
  ]
  test.each(foreign)('that %s is refused where this machine is let in', async (_, method, headers) => {
    const answer = await doors({})('/may/read', { method, headers })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  test.each(foreign)('that %s has nothing of who is logged in', async (_, method, headers) => {
    const ask = doors({ tokens: [entry] })
    const login = await ask('/login', { method: 'POST', headers: form, body: `token=${token}` })
    const [Cookie = ''] = (login.headers.get('Set-Cookie') ?? '').split(';')
    expect((await ask('/may/read', { headers: { Cookie } })).status).toBe(200)
    expect((await ask('/may/read', { method, headers: { ...headers, Cookie } })).status).toBe(403)
  })

  test('can have a link to the gateway', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    expect((await doors({})('/may/read', { headers })).status).toBe(200)
  })

  test('can neither log its visitors in, with a token of its own, nor out', async () => {
    const ask = doors({ tokens: [entry], allowedOrigins: ['*'] })
    const headers = { ...form, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }
    const login = await ask('/login', { method: 'POST', headers, body: `token=${token}` })
    expect([login.status, login.headers.get('Set-Cookie')]).toEqual([403, null])
  })
})

test("the gateway's own page, and programs, are no other site", async () => {
  const ask = doors({})
  const answers = [
    { ...form, 'Sec-Fetch-Site': 'same-origin', Origin: 'http://localhost:8080' },
    { ...form, Origin: 'http://localhost:8080' },
    { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' },
    {},
  ].map((headers) => ask('/may/submit', { method: 'POST', headers: { Host: 'localhost:8080', ...headers } }))
  expect(await statuses(answers)).toEqual([200, 200, 200, 200])
})

describe('whoever logs in', () => {
  const ask = doors({ tokens: [entry], trustedProxies: ['10.0.0.1'] })
  const login = (body: string, headers: Readonly<Record<string, string>> = form, from = '203.0.113.7') =>
    ask('/login', { method: 'POST', headers, body, from })
  const cookieOf = (answer: Response) => answer.headers.get('Set-Cookie') ?? ''

  test('gets a cookie that no script and no other site has, without the token in it', async () => {
    const answer = await login(`token=${token}`)
    expect([answer.status, answer.headers.get('Location')]).toEqual([303, './'])
    expect(cookieOf(answer)).toMatch(/^remotejob=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookieOf(answer)).not.toContain(token.slice(-43))
  })

  test('over TLS, also of a proxy in front, gets one for TLS alone', async () => {
    const proxied = { ...form, 'X-Forwarded-Proto': 'https' }
    expect(cookieOf(await login(`token=${token}`, proxied, '10.0.0.1'))).toMatch(/^__Host-remotejob=.*; Secure/)
    expect(cookieOf(await login(`token=${token}`, proxied))).toMatch(/^remotejob=/)
  })

  test('is the one whose token it was, until the end of the session', async () => {
    const [Cookie = ''] = cookieOf(await login(`token=%20${token}`)).split(';')
    const headers = { Cookie }
    expect(await (await ask('/may/admin/thumbs', { headers })).text()).toBe('yes, ada')
    const left = await ask('/logout', { method: 'POST', headers })
    expect([left.status, cookieOf(left)]).toEqual([303, expect.stringMatching(/^remotejob=; Max-Age=0; Path=\//)])
    expect((await ask('/may/admin/thumbs', { headers })).status).toBe(401)
  })

  test('with another token stays outside, and sees the page again', async () => {
    const wrong = `token=${createToken({ name: 'ada', scopes: ['admin'] }).token}`
    const answers = [await login(wrong), await login(wrong, { ...form, Accept: 'text/html' }), await login('')]
    expect(answers.map(({ status }) => status)).toEqual([401, 303, 401])
    expect(answers.map(cookieOf)).toEqual(['', '', ''])
    expect(answers[1]?.headers.get('Location')).toBe('./?login=refused')
  })

  const encoded = (next: string): string => `token=${token}&next=${encodeURIComponent(next)}`

  test.each([
    '/ui/queues/thumbs',
    '/ui/queues/thumbs?status=failed&after=x',
    '/ui/queues/%2F%2Fevil.example/jobs/a%20b',
    '/?after=thumbs',
    '/',
  ])('is led to the page that was asked for: %s', async (next) => {
    expect((await login(encoded(next))).headers.get('Location')).toBe(next)
    const wrong = await login(encoded(next).replace(token, 'x'), { ...form, Accept: 'text/html' })
    expect(wrong.headers.get('Location')).toBe(`${next}${next.includes('?') ? '&' : '?'}login=refused`)
    // The next try is for the same page again.
    const again = await login(encoded(wrong.headers.get('Location') ?? ''))
    expect(again.headers.get('Location')).toBe(next)
  })

  test.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    'https://evil.example/ui/queues',
    'https:evil.example',
    'http:/ui/..//evil.example',
    '/ui/..//evil.example',
    '/ui/../../\\evil.example',
    '/ui/%2e%2e//evil.example',
    '/ui/%2E./%09/evil.example/..//evil.example',
    'javascript:alert(1)',
    'data:text/html,mine',
    '/logout',
    '/v1/queues',
    '/uie/vil',
    'http://gateway.invalid:1/ui/',
    'http://',
    '',
    `/ui/${'x'.repeat(3000)}`,
  ])('is not led to anything that is no page of the gateway: %j', async (next) => {
    const places = await Promise.all([
      login(encoded(next)),
      login(encoded(next).replace(token, 'x'), { ...form, Accept: 'text/html' }),
    ])
    const where = places.map(
      (answer) => new URL(answer.headers.get('Location') ?? '', 'http://jobs.example/login').href,
    )
    expect(where).toEqual(['http://jobs.example/', 'http://jobs.example/?login=refused'])
  })

  test('sends a form, which pages of other sites cannot pass off as something else', async () => {
    expect((await login(JSON.stringify({ token }), { 'Content-Type': 'application/json' })).status).toBe(415)
  })

  test('with a cookie that somebody made up is nobody', async () => {
    for (const Cookie of ['remotejob=', 'remotejob=x', `remotejob=${token}`, `remotejob=${entry.sha256}`])
      expect((await ask('/may/read', { headers: { Cookie } })).status, Cookie).toBe(401)
  })
})

describe('origins that are allowed', () => {
  const origin = 'https://app.example.com'
  const from = { remoteAddress: '203.0.113.7' }

  test('are told so, and may send a token', async () => {
    await using gateway = createGateway({ tokens: [entry], allowedOrigins: [origin] })
    const asked = {
      Origin: origin,
      'Access-Control-Request-Method': 'DELETE',
      'Access-Control-Request-Headers': 'authorization',
    }
    const preflight = await gateway(new Request('http://jobs/', { method: 'OPTIONS', headers: asked }), from)
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization',
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
    })
    expect(preflight.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    const headers = { Origin: origin, 'Sec-Fetch-Site': 'cross-site', Authorization: `Bearer ${token}` }
    const answer = await gateway(new Request('http://jobs/nothing', { headers }), from)
    expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([404, origin])
  })

  test('are no others', async () => {
    await using gateway = createGateway({ tokens: [entry], allowedOrigins: [origin] })
    for (const Origin of ['https://evil.example', 'null', `${origin}.evil.example`, 'http://app.example.com']) {
      const answer = await gateway(new Request('http://jobs/', { method: 'OPTIONS', headers: { Origin } }), from)
      expect(answer.headers.get('Access-Control-Allow-Origin'), Origin).toBeNull()
    }
  })

  test('are none unless some are configured', async () => {
    await using gateway = createGateway({ tokens: [entry] })
    const headers = { Origin: origin, Authorization: `Bearer ${token}` }
    const answer = await gateway(new Request('http://jobs/nothing', { headers }), from)
    expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([404, null])
  })
})
