import { describe, expect, test } from 'vitest'
import { orAbort } from '../../src/lifecycle/or-abort.ts'

describe('a call with a signal', () => {
  const reason = new Error('enough')

  test('comes to what it comes to when nothing aborts', async () => {
    const { signal } = new AbortController()
    expect(await orAbort(Promise.resolve(1), undefined)).toBe(1)
    expect(await orAbort(Promise.resolve(1), signal)).toBe(1)
    await expect(orAbort(Promise.reject(reason), signal)).rejects.toBe(reason)
  })

  test('rejects with the reason at once, and what comes behind it goes to `late`', async () => {
    const late: number[] = []
    const stop = new AbortController()
    const { promise, resolve } = Promise.withResolvers<number>()
    const call = orAbort(promise, stop.signal, (value) => late.push(value))
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
    resolve(7)
    await promise
    await expect.poll(() => late).toEqual([7])
  })

  test('aborted before it began goes the same way', async () => {
    const late: number[] = []
    await expect(orAbort(Promise.resolve(7), AbortSignal.abort(reason), (value) => late.push(value))).rejects.toBe(
      reason,
    )
    await expect.poll(() => late).toEqual([7])
  })

  test('that is aborted in the very moment when it succeeds either gives its value or hands it to `late`, never neither', async () => {
    for (const early of [true, false]) {
      const late: number[] = []
      const stop = new AbortController()
      const { promise, resolve } = Promise.withResolvers<number>()
      const call = orAbort(promise, stop.signal, (value) => late.push(value)).catch(() => undefined)
      if (early) stop.abort(reason)
      resolve(7)
      if (!early) stop.abort(reason)
      const value = await call
      await expect.poll(() => [value, ...late].filter((one) => one !== undefined)).toEqual([7])
    }
  })

  test('leaves no listener behind, and no failure that nobody heard of', async () => {
    const stop = new AbortController()
    const { promise, reject } = Promise.withResolvers<number>()
    const call = orAbort(promise, stop.signal)
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
    reject(new Error('later'))
    await promise.catch(() => {})
  })
})
