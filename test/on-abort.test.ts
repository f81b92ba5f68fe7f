import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { onAbort } from '../src/on-abort.ts'

test('any number listen to a signal through one listener, and are called once each', () => {
  const controller = new AbortController()
  const called: number[] = []
  for (const n of [1, 2, 3]) onAbort(controller.signal, () => called.push(n))
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
  controller.abort()
  controller.abort()
  expect(called).toEqual([1, 2, 3])
})

test('who has left is not called', () => {
  const controller = new AbortController()
  const called: string[] = []
  const leave = onAbort(controller.signal, () => called.push('left'))
  onAbort(controller.signal, () => called.push('stayed'))
  leave()
  controller.abort()
  expect(called).toEqual(['stayed'])
})

test('a signal that has aborted calls at once', () => {
  const called: string[] = []
  onAbort(AbortSignal.abort(), () => called.push('late'))
  expect(called).toEqual(['late'])
})
