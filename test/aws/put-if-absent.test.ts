import { describe, expect, test } from 'vitest'
import { setupReady } from './setup.ts'

const body = Buffer.from('{"status":"completed"}')

describe('putting if absent', () => {
  test('has one winner of two', async () => {
    const { objects } = await setupReady()
    for (let round = 0; round < 20; round += 1) {
      const key = `results/${round}.json`
      const won = await Promise.all([objects.putIfAbsent(key, body), objects.putIfAbsent(key, body)])
      expect(won.filter((written) => written !== undefined)).toHaveLength(1)
    }
  })

  test('is asked again while S3 leaves it undecided', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'PutObject', times: 3, answer: { status: 409, code: 'ConditionalRequestConflict' } })
    expect(await objects.putIfAbsent('key', body)).toMatchObject({ size: body.byteLength })
    expect(emulator.count('PutObject')).toBe(4)
  })

  test('is given up when S3 never decides', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({
      operation: 'PutObject',
      times: Infinity,
      answer: { status: 409, code: 'ConditionalRequestConflict' },
    })
    await expect(objects.putIfAbsent('key', body)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('waits no longer for a decision than its caller', async () => {
    const { emulator, objects } = await setupReady()
    const stop = new AbortController()
    const reason = new Error('no longer')
    emulator.fail({ times: Infinity, answer: { status: 409, code: 'ConditionalRequestConflict' } })
    const outcome = expect(objects.putIfAbsent('key', body, { signal: stop.signal })).rejects.toBe(reason)
    await emulator.until('PutObject', 3)
    stop.abort(reason)
    await outcome
  })

  test('whose answer is lost ends undefined: the SDK asks again and finds the key taken', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'PutObject', when: 'after', answer: 'drop' })
    expect(await objects.putIfAbsent('key', body, { note: 'ours' })).toBeUndefined()
    expect(await objects.head('key')).toMatchObject({ note: 'ours' })
    expect(emulator.count('PutObject')).toBe(2)
  })

  test('on a store without conditional writes says so', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ operation: 'PutObject', answer: { status: 501, code: 'NotImplemented' } })
    await expect(objects.putIfAbsent('key', body)).rejects.toMatchObject({ code: 'CONDITIONAL_WRITES_IGNORED' })
  })
})
