import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createGateway, createToken } from '../../../src/gateway.ts'
import { checkTokens } from '../../../src/gateway/access/token-entry.ts'
import { doors, statuses } from './ask.ts'

const sent = (token: string) => ({ from: '203.0.113.7', headers: { Authorization: `Bearer ${token}` } })

describe('a token', () => {
  test('is 256 random bits behind a word that secret scanners know, and its hash is all that is kept', () => {
    const [one, other] = [createToken({ name: 'ci', scopes: ['read'] }), createToken({ name: 'ci', scopes: ['read'] })]
    expect(one.token).toMatch(/^remotejob_[\w-]{43}$/)
    expect(Buffer.from(one.token.slice('remotejob_'.length), 'base64url').byteLength).toBe(32)
    expect(one.token).not.toBe(other.token)
    expect(one.entry.sha256).toBe(createHash('sha256').update(one.token).digest('hex'))
    expect(JSON.stringify(one.entry)).not.toContain(one.token.slice(-20))
  })

  test('may what its scopes say, and with admin everything', async () => {
    for (const [scopes, expected] of [
      [['submit'], [200, 403, 403]],
      [['read'], [403, 200, 403]],
      [
        ['submit', 'read'],
        [200, 200, 403],
      ],
      [['admin'], [200, 200, 200]],
    ] as const) {
      const { token, entry } = createToken({ name: 'ci', scopes })
      const ask = doors({ tokens: [entry] })
      const answers = ['submit', 'read', 'admin'].map((scope) => ask(`/may/${scope}/thumbs`, sent(token)))
      expect(await statuses(answers), scopes.join()).toEqual(expected)
    }
  })

  test('holds for the queues that it names, * for any characters, and for what is of no queue only when it has all', async () => {
    const { token, entry } = createToken({ name: 'ci', scopes: ['read'], queues: ['thumbs', 'team-*'] })
    const ask = doors({ tokens: [entry] })
    const paths = ['/may/read/thumbs', '/may/read/team-a', '/may/read/thumbs2', '/may/read/teams', '/may/read']
    expect(await statuses(paths.map((path) => ask(path, sent(token))))).toEqual([200, 200, 403, 403, 403])
  })

  test('that is not one of the gateway is refused, whatever it looks like, also where nobody needs one', async () => {
    const { token, entry } = createToken({ name: 'ci', scopes: ['admin'] })
    const ask = doors({ tokens: [entry], privateFrom: ['203.0.113.0/24'] })
    const guesses = [
      token.slice(0, -1),
      `${token}x`,
      token.toUpperCase(),
      entry.sha256,
      'remotejob_',
      '',
      'x'.repeat(10_000),
      createToken({ name: 'ci', scopes: ['admin'] }).token,
    ]
    for (const guess of guesses) {
      const answer = await ask('/may/read/thumbs', sent(guess))
      expect(answer.status, guess).toBe(401)
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
      expect(await answer.text()).not.toContain(guess === '' ? entry.sha256 : guess)
    }
    const basic = { from: '203.0.113.7', headers: { Authorization: `Basic ${btoa(`ci:${token}`)}` } }
    expect((await ask('/may/read/thumbs', basic)).status).toBe(401)
  })

  test('is asked for where there is none', async () => {
    const { entry } = createToken({ name: 'ci', scopes: ['admin'] })
    const answer = await doors({ tokens: [entry] })('/may/read/thumbs')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer')
    expect(await answer.json()).toMatchObject({ detail: 'Send a token: Authorization: Bearer <token>' })
  })

  test('can be replaced while both the old and the new one hold', async () => {
    const [old, next] = [createToken({ name: 'ci', scopes: ['read'] }), createToken({ name: 'ci', scopes: ['read'] })]
    const ask = doors({ tokens: [old.entry, next.entry] })
    expect(await statuses([old, next].map(({ token }) => ask('/may/read', sent(token))))).toEqual([200, 200])
  })
})

test('a list of tokens that has none in it lets nobody in', async () => {
  expect((await doors({ tokens: [] })('/may/read/thumbs')).status).toBe(401)
})

test.each([
  ['no list', { name: 'ci' }, 'Expected `tokens` to be a list, got object'],
  ['a word', ['remotejob_secret'], 'Expected each token to be an object with a `name`'],
  ['no name', [{ sha256: 'a'.repeat(64), scopes: ['read'] }], 'Expected the `name` of a token'],
  [
    'a name over two lines',
    [{ name: 'a\nb', sha256: 'a'.repeat(64), scopes: ['read'] }],
    'Expected the `name` of a token',
  ],
  ['the token for its hash', [{ name: 'ci', sha256: 'remotejob_x', scopes: ['read'] }], 'to be 64 hexadecimal digits'],
  ['no scope', [{ name: 'ci', sha256: 'a'.repeat(64), scopes: [] }], 'some of submit, read, admin, got []'],
  ['another scope', [{ name: 'ci', sha256: 'a'.repeat(64), scopes: ['write'] }], 'some of submit, read, admin'],
  ['a queue for a list', [{ name: 'ci', sha256: 'a'.repeat(64), scopes: ['read'], queues: 'a' }], 'names of queues'],
  [
    'a slip',
    [{ name: 'ci', sha256: 'a'.repeat(64), scopes: ['read'], queue: ['a'] }],
    'has "queue", which there is not',
  ],
])('tokens with %s are refused before anybody gets in, and no secret is told', (_, given, message) => {
  let told = ''
  try {
    checkTokens(given)
  } catch (error) {
    told = String(error)
  }
  expect(told).toContain(message)
  expect(told).not.toMatch(/remotejob_\w|a{64}/)
})

test.each([
  [{ open: true, tokens: [] }, 'Expected one of `open` and `tokens`'],
  [{ privateFrom: ['10.0.0.0/8'] }, 'Expected `tokens` beside `privateFrom`'],
  [{ allowedOrigins: ['*'] }, 'Expected `tokens` beside the allowed origin *'],
  [{ allowedOrigins: ['example.com'] }, 'Expected `allowedOrigins` to be origins such as https://app.example.com'],
  [{ allowedOrigins: ['https://example.com/'] }, 'Expected `allowedOrigins` to be origins'],
  [{ trustedProxies: ['10.0.0.0/33'] }, 'Expected `trustedProxies` to be networks'],
  [{ trustedProxies: ['proxy'] }, 'Expected `trustedProxies` to be networks'],
])('%j is refused at the start', (options, message) => {
  expect(() => createGateway(options)).toThrow(message)
})
