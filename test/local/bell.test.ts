import { expect, test } from 'vitest'
import { Bell } from '../../src/local/bell.ts'

const long = 60_000

test('one ring wakes one listener of that queue', async () => {
  const bell = makeBell()
  const [first, second, other] = [bell.listen('a'), bell.listen('a'), bell.listen('b')]
  const waits = [first, second, other].map((listener) => listener.heard(long, []))
  bell.ring('a')
  await waits[0]
  expect(second.hear()).toBe(true)
  await waits[1]
  bell.ring('b')
  await waits[2]
})

test('what rings between listening and waiting is heard, once', async () => {
  const listener = makeBell().listen('a')
  expect(listener.hear()).toBe(true)
  expect(listener.hear()).toBe(false)
  await listener.heard(long, [])
  expect(listener.hear()).toBe(true)
})

test('a listener that leaves passes on the ring that it did not follow', async () => {
  const bell = makeBell()
  const [leaving, staying] = [bell.listen('a'), bell.listen('a')]
  bell.ring('a')
  leaving[Symbol.dispose]()
  await staying.heard(long, [])
})

test('a wait ends with its time or with any of its signals', async () => {
  const listener = makeBell().listen('a')
  await listener.heard(1, [])
  const [one, two] = [new AbortController(), new AbortController()]
  const waiting = listener.heard(long, [one.signal, two.signal])
  two.abort()
  await waiting
  await listener.heard(long, [one.signal, two.signal])
})

test('other processes are listened to only while somebody waits', () => {
  const calls: string[] = []
  const bell = new Bell(() => ({ start: () => calls.push('start'), stop: () => calls.push('stop') }))
  const [one, two] = [bell.listen('a'), bell.listen('b')]
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  expect(calls).toEqual(['start'])
  two[Symbol.dispose]()
  expect(calls).toEqual(['start', 'stop'])
})

function makeBell(): Bell {
  return new Bell(() => ({ start: () => {}, stop: () => {} }))
}
