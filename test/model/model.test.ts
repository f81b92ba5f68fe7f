import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commands } from './commands.ts'
import { type Mutant, mutants } from './mutants.ts'
import { ModelWorld } from './world.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** Anything happens in any order; then all is worked off, and every invariant of the protocol must hold. */
const holds = (mutant?: Mutant) =>
  fc.asyncProperty(commands, async (chosen) => {
    const world = new ModelWorld(mutant)
    await fc.asyncModelRun(() => ({ model: { jobs: 0, hands: 0, posts: 0 }, real: world }), chosen)
    const broken = await world.finish()
    if (broken.length > 0) throw new Error(broken.join('\n'))
  })

test('whatever happens, and whoever dies, the invariants of the protocol hold', { timeout: 120_000 }, async () => {
  await fc.assert(holds(), { numRuns: 1000 })
})

test.each(mutants)('they would not, if $mistake', { timeout: 60_000 }, async (mutant) => {
  const { failed, errorInstance } = await fc.check(holds(mutant), { seed: 1, numRuns: 3000, endOnFailure: true })
  expect(failed).toBe(true)
  expect(String(errorInstance)).toMatch(mutant.found)
})
