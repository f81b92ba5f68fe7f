import { describe, expect, test } from 'vitest'
import { createToken } from '../../../src/gateway.ts'
import { AddressRanges, plainAddress } from '../../../src/gateway/access/address-ranges.ts'
import { clientAddress } from '../../../src/gateway/access/client-address.ts'
import { doors, statuses } from './ask.ts'

const { entry } = createToken({ name: 'ci', scopes: ['admin'] })

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1:4711', '10.0.0.1'],
  [' 10.0.0.1 ', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::FFFF:0a00:0001', '10.0.0.1'],
  ['[fd00::1]:4711', 'fd00::1'],
  ['[fd00::1]', 'fd00::1'],
  ['fd00:0:0::0001', 'fd00::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['10.0.0.256', undefined],
  ['10.0.0.1, 10.0.0.2', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['', undefined],
  [undefined, undefined],
])('the address %j is %j', (text, plain) => {
  expect(plainAddress(text)).toBe(plain)
})

describe('the address of a caller behind proxies', () => {
  const proxies = new AddressRanges('trustedProxies', ['10.0.0.0/8', 'fd00::/8'])
  test.each([
    ['10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['10.0.0.1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['fd00::1', '[2001:db8::7]:443', '2001:db8::7'],
    ['10.0.0.1', undefined, '10.0.0.1'],
  ])('from %j with %j is %j', (socket, forwarded, address) => {
    expect(clientAddress(socket, forwarded, proxies)).toBe(address)
  })

  test.each([
    ['a socket that is no proxy', '203.0.113.7', '127.0.0.1', '203.0.113.7'],
    ['a caller that wrote a header before the proxy added to it', '10.0.0.1', '127.0.0.1, 203.0.113.7', '203.0.113.7'],
    ['a caller that wrote many', '10.0.0.1', '127.0.0.1, ::1, 10.0.0.9, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['a hop that is no address', '10.0.0.1', '127.0.0.1, unknown', undefined],
    ['an unknown socket', undefined, '127.0.0.1', undefined],
  ])('is not made up by %s', (_, socket, forwarded, address) => {
    expect(clientAddress(socket, forwarded, proxies)).toBe(address)
  })
})

describe('without tokens', () => {
  test('callers of this machine may do everything', async () => {
    const ask = doors({})
    const answers = ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'].map((from) => ask('/may/admin', { from }))
    expect(await statuses(answers)).toEqual([200, 200, 200, 200])
  })

  test('nobody else may do anything, nor those of whom nobody knows where they are', async () => {
    const ask = doors({})
    for (const from of ['10.0.0.1', '203.0.113.7', '::ffff:10.0.0.1', 'fe80::1', '']) {
      const answer = await ask('/may/read', { from })
      expect(answer.status, from).toBe(403)
      expect(await answer.text()).toContain('This gateway has no tokens')
    }
  })

  test('a proxy on this machine that nobody told of lets nobody in', async () => {
    const headers = { 'X-Forwarded-For': '127.0.0.1' }
    expect((await doors({})('/may/read', { headers })).status).toBe(403)
    const told = doors({ trustedProxies: ['127.0.0.1'] })
    const outside = { headers: { 'X-Forwarded-For': '203.0.113.7' } }
    expect(await statuses([told('/may/read', { headers }), told('/may/read', outside)])).toEqual([200, 403])
  })

  test('a token that is sent all the same changes nothing', async () => {
    const headers = { Authorization: 'Bearer whatever' }
    const ask = doors({})
    expect(await statuses([ask('/may/read', { headers }), ask('/may/read', { headers, from: '10.0.0.1' })])).toEqual([
      200, 403,
    ])
  })

  test('a gateway that is said to be open lets in whoever can reach it', async () => {
    expect((await doors({ open: true })('http://jobs.example.com/may/admin', { from: '203.0.113.7' })).status).toBe(200)
  })
})

describe('a private network', () => {
  const ask = doors({
    tokens: [entry],
    privateFrom: ['10.0.0.0/8'],
    trustedProxies: ['192.0.2.1'],
    hosts: ['gateway.*'],
  })
  const url = (scope: string) => `http://gateway.internal/may/${scope}/thumbs`

  test('may submit and read without a token, and no more', async () => {
    const answers = ['submit', 'read', 'admin'].map((scope) => ask(url(scope), { from: '::ffff:10.1.2.3' }))
    expect(await statuses(answers)).toEqual([200, 200, 401])
  })

  test('is where the socket comes from, and not what a caller says', async () => {
    const forged = { 'X-Forwarded-For': '10.1.2.3', 'X-Real-IP': '10.1.2.3', Forwarded: 'for=10.1.2.3' }
    expect((await ask(url('read'), { from: '203.0.113.7', headers: forged })).status).toBe(401)
    const behind = (forwarded: string) =>
      ask(url('read'), { from: '192.0.2.1', headers: { 'X-Forwarded-For': forwarded } })
    expect(await statuses([behind('10.1.2.3'), behind('10.1.2.3, 203.0.113.7')])).toEqual([200, 401])
  })

  test('is not open to a web page whose own name leads to the gateway', async () => {
    const from = '10.1.2.3'
    const answers = ['http://evil.example/may/read', 'http://127.0.0.1:8080/may/read'].map((one) => ask(one, { from }))
    expect(await statuses(answers)).toEqual([401, 200])
  })
})
