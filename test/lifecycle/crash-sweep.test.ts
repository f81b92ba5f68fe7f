import { afterAll, beforeAll, describe, test } from 'vitest'
import { onLocal } from '../queue/setup.ts'
import { scenarios } from './crash-scenarios.ts'
import { blows, sweep } from './crash-sweep.ts'

let ground: Awaited<ReturnType<typeof onLocal>>
beforeAll(async () => {
  ground = await onLocal()
})
afterAll(() => ground.close())

describe.each(Object.values(blows))('what was promised is kept when a process $title while it', (blow) => {
  test.each(scenarios)('$name', async (scenario) => {
    await sweep(ground.backend, scenario, blow)
  })
})

describe('with results alone written down, where a first delivery looks for none, it is kept when a process', () => {
  const chosen = scenarios.filter(({ name }) => /^(completes|finishes|cancels|submits a job with a body)/.test(name))
  test.each(chosen)(`${blows.diesLate.title} while it $name`, async (scenario) => {
    await sweep(ground.backend, scenario, blows.diesLate, 'results')
  })
  test.each(chosen)(`${blows.repeats.title} while it $name`, async (scenario) => {
    await sweep(ground.backend, scenario, blows.repeats, 'results')
  })
})
