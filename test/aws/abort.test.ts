import { describe, expect, test } from 'vitest'
import { setupReady } from './setup.ts'

const body = Buffer.from('body')

describe('a signal that is aborted while the server is silent ends the request with its reason', () => {
  test.each(['put', 'putIfAbsent', 'get', 'head', 'delete', 'list', 'send', 'delete message', 'extend'])(
    '%s',
    async (name) => {
      const { emulator, objects, pending } = await setupReady()
      await pending.send({ body: 'so that its URL is known' })
      emulator.reset()
      emulator.fail({ times: Infinity, answer: 'hang' })
      const stop = new AbortController()
      const { signal } = stop
      const requests: Record<string, () => Promise<unknown>> = {
        put: () => objects.put('key', body, { signal }),
        putIfAbsent: () => objects.putIfAbsent('key', body, { signal }),
        get: () => objects.get('key', { signal }),
        head: () => objects.head('key', { signal }),
        delete: () => objects.delete('key', { signal }),
        list: () => objects.list('', { signal }),
        send: () => pending.send({ body: 'body' }, { signal }),
        'delete message': () => pending.delete('receipt', { signal }),
        extend: () => pending.extend('receipt', 30, { signal }),
      }
      const outcome = expect(requests[name]?.()).rejects.toBe('no longer')
      await emulator.until(undefined, 1)
      stop.abort('no longer')
      await outcome
    },
  )
})

test('a receive is not ended by `stop`: what it brings would be lost to all for a lease', async () => {
  const { pending } = await setupReady()
  const stop = new AbortController()
  const received = pending.receive({ max: 1, waitSeconds: 5, leaseSeconds: 30, stop: stop.signal })
  stop.abort()
  await pending.send({ body: 'late' })
  expect(await received).toMatchObject([{ body: 'late' }])
})
