import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldHistory } from '../../src/lifecycle/fold-history.ts'
import { readHistory, writeHistory } from '../../src/lifecycle/history.ts'
import { formatFold, type HistoryEntry, historyStates, isSuperseded, tallyOf } from '../../src/protocol/history.ts'
import { source } from '../../src/worker.ts'
import { nextOf, onLocal, useStage } from '../queue/setup.ts'
import { DoomedBackend } from './crash-process.ts'

const states = historyStates.filter((state) => state !== 'folded' && state !== 'claimed')

describe('a history', () => {
  const entries = fc.array(
    fc.record({ delivery: fc.integer({ min: 1, max: 30 }), state: fc.constantFrom(...states) }).map(
      // What happened to a delivery has that delivery's mark.
      ({ delivery, state }): HistoryEntry => ({ delivery, state, nonce: `nonce${delivery}` }),
    ),
    { maxLength: 60 },
  )

  test('counts the same whether or not its older part is folded, once or twice, and what is left of that part counts for nothing', () => {
    fc.assert(
      fc.property(entries, fc.nat(30), fc.nat(30), (given, first, second) => {
        const fold = (history: readonly HistoryEntry[], delivery: number): HistoryEntry => ({
          delivery,
          state: 'folded',
          nonce: formatFold(tallyOf(history.filter((entry) => entry.delivery <= delivery)), 'mark'),
        })
        const [lower, higher] = [Math.min(first, second), Math.max(first, second)]
        const once = [...given, fold(given, lower)]
        const twice = [...once.filter(({ delivery }) => delivery > lower), fold(once, lower), fold(once, higher)]
        expect([tallyOf(once), tallyOf(twice)]).toEqual([tallyOf(given), tallyOf(given)])
      }),
    )
  })

  test('tells of messages that were replaced long ago', () => {
    const folded = {
      delivery: 50,
      state: 'folded',
      nonce: formatFold({ released: 0, unfinished: 0, started: 50, renewed: 40 }, 'x'),
    } as const
    expect([39, 40].map((base) => isSuperseded([folded], { base }))).toEqual([true, false])
  })

  test('with a mark that nobody wrote is one without', () => {
    expect(tallyOf([{ delivery: 9, state: 'folded', nonce: 'abc' }])).toEqual(tallyOf([]))
  })
})

describe('a job that is tried for ever', () => {
  const stage = useStage(onLocal)

  test('keeps a history of a page, and the number of its try', { timeout: 120_000 }, async () => {
    const { queue, keys } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 1000 })
    let most = 0
    for (let delivery = 1, attempt = 1; delivery <= 320; delivery += 1) {
      const job = await nextOf(queue)
      expect(job.attempt).toBe(attempt)
      const counted = delivery % 3 !== 0
      await job.release({ counted })
      if (counted) attempt += 1
      most = Math.max(most, (await keys(`history/${id}/`)).length)
    }
    expect(most).toBeGreaterThan(150)
    expect(most).toBeLessThan(250)
  })

  test('loses no count when a process dies at any call of the fold', { timeout: 120_000 }, async () => {
    for (let call = 1, isOver = false; !isOver; call += 9) {
      const { queue, another, backend } = await stage.setup()
      const w = await queue[source].open()
      for (let delivery = 1; delivery <= 100; delivery += 1)
        for (const state of ['started', delivery % 4 === 0 ? 'released' : 'failed'] as const)
          await writeHistory(w, 'job', { delivery, nonce: `nonce${delivery}` }, state)
      const before = await readHistory(w, 'job')
      const strikes = (_: string, number: number): boolean => number === call
      const doomed = new DoomedBackend(backend, { strikes, takesEffect: false, end: 'death' })
      const dying = await another({ backend: doomed })[source].open()
      await Promise.race([foldHistory(dying, 'job', before), doomed.died])
      expect(tallyOf(await readHistory(w, 'job'))).toEqual(tallyOf(before))
      await foldHistory(w, 'job', before)
      const after = await readHistory(w, 'job')
      expect(tallyOf(after)).toEqual(tallyOf(before))
      expect(after.length).toBeLessThan(150)
      isOver = !doomed.isStruck
    }
  })
})
