import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onLocal } from '../queue/setup.ts'
import type { Fate } from './crash-process.ts'
import { type Scenario, scenarios } from './crash-scenarios.ts'
import { World } from './crash-world.ts'

const fates: readonly (Omit<Fate, 'strikes'> & { readonly title: string })[] = [
  { title: 'dies before any one of its calls', takesEffect: false, end: 'death' },
  { title: 'dies after any one of its calls, with the answer lost', takesEffect: true, end: 'death' },
  { title: 'lives on when any one of its calls fails', takesEffect: false, end: 'failure' },
  { title: 'lives on when the answer to any one of its calls is lost', takesEffect: true, end: 'failure' },
  { title: 'asks again when the answer to any one of its calls is lost', takesEffect: true, end: 'repetition' },
]

let ground: Awaited<ReturnType<typeof onLocal>>
beforeAll(async () => {
  ground = await onLocal()
})
afterAll(() => ground.close())

describe.each(fates)('what was promised is kept when a process $title while it', (fate) => {
  test.each(scenarios)('$name', async (scenario) => {
    for (let call = 1, isOver = false; !isOver; call += 1) {
      const { calls, broken, litter, isStruck } = await run(scenario, {
        ...fate,
        strikes: (_name, number) => number === call,
      })
      expect(broken, `struck at call ${call} of ${calls.join(', ')}`).toEqual([])
      if (!isStruck || fate.end === 'repetition') expect(litter, 'files that no result names').toEqual([])
      isOver = !isStruck
    }
  })
})

interface Ran {
  readonly calls: readonly string[]
  readonly isStruck: boolean
  readonly broken: readonly string[]
  readonly litter: readonly string[]
}

async function run(scenario: Scenario, fate: Fate): Promise<Ran> {
  const world = new World(ground.backend)
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
