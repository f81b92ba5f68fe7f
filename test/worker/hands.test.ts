import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Hands } from '../../src/lifecycle/hands.ts'

const { signal } = new AbortController()

describe('hands', () => {
  it('are claimed at once when several are free', async () => {
    const hands = new Hands(50)
    expect([await hands.claim(10, signal), await hands.claim(10, signal)]).toEqual([10, 10])
  })

  it('wait for each other, until several are free', async () => {
    const hands = new Hands(20)
    await hands.claim(20, signal)
    const claimed: number[] = []
    void hands.claim(10, signal).then((count) => claimed.push(count))
    for (let freed = 0; freed < 9; freed += 1) hands.release(1)
    await turn()
    expect(claimed).toEqual([])
    hands.release(1)
    await turn()
    expect(claimed).toEqual([10])
  })

  it('do not wait for long', async () => {
    const hands = new Hands(20)
    await hands.claim(20, signal)
    hands.release(3)
    expect(await hands.claim(10, signal)).toBe(3)
  })

  it('are claimed in turn, so that two claims do not share what one receive could ask for', async () => {
    const hands = new Hands(20)
    await hands.claim(20, signal)
    const claims = [hands.claim(10, signal), hands.claim(10, signal)]
    hands.release(14)
    expect(await Promise.all(claims)).toEqual([10, 4])
  })

  it('are none when the signal aborts first', async () => {
    const hands = new Hands(1)
    await hands.claim(1, signal)
    const stop = new AbortController()
    const claims = [hands.claim(1, stop.signal), hands.claim(1, stop.signal)]
    stop.abort()
    expect(await Promise.all(claims)).toEqual([0, 0])
  })
})
