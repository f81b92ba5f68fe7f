import { expect } from 'vitest'
import type { Backend } from '../../src/backend.ts'
import type { Records } from '../../src/index.ts'
import type { Fate } from './crash-process.ts'
import type { Scenario } from './crash-scenarios.ts'
import { World } from './crash-world.ts'

/** What befalls a process at one of its calls, in words. */
export interface Blow extends Omit<Fate, 'strikes'> {
  readonly title: string
}

export const blows = {
  dies: { title: 'dies before any one of its calls', takesEffect: false, end: 'death' },
  diesLate: { title: 'dies after any one of its calls, with the answer lost', takesEffect: true, end: 'death' },
  fails: { title: 'lives on when any one of its calls fails', takesEffect: false, end: 'failure' },
  failsLate: { title: 'lives on when the answer to any one of its calls is lost', takesEffect: true, end: 'failure' },
  repeats: {
    title: 'asks again when the answer to any one of its calls is lost',
    takesEffect: true,
    end: 'repetition',
  },
} as const satisfies Record<string, Blow>

/** Plays a scenario again and again, struck at its first call, its second, and so on, until it ends unstruck. */
export async function sweep(backend: () => Backend, scenario: Scenario, blow: Blow, records?: Records): Promise<void> {
  for (let call = 1, isOver = false; !isOver; call += 1) {
    const { calls, broken, litter, isStruck } = await play(new World(backend, { records }), scenario, {
      ...blow,
      strikes: (_name, number) => number === call,
    })
    expect(broken, `struck at call ${call} of ${calls.join(', ')}`).toEqual([])
    if (!isStruck || blow.end === 'repetition') expect(litter, 'files that no result names').toEqual([])
    isOver = !isStruck
  }
}

interface Played {
  readonly calls: readonly string[]
  readonly isStruck: boolean
  readonly broken: readonly string[]
  readonly litter: readonly string[]
}

async function play(world: World, scenario: Scenario, fate: Fate): Promise<Played> {
  try {
    const given = (await scenario.before?.(world)) ?? ''
    const { calls, isStruck } = await world.doom(fate, (queue) => scenario.act(world, queue, given), scenario.options)
    await scenario.after?.(world, given)
    await world.recover()
    return { calls, isStruck, broken: await world.broken(), litter: await world.litter() }
  } finally {
    await world.close()
  }
}
