import { expect, it } from 'vitest'
import { runChaos } from './run.ts'

it.each([
  { backend: 'aws', seconds: 8 },
  { backend: 'local', seconds: 4 },
] as const)(
  'loses, doubles and mixes up nothing while everything fails ($backend)',
  { timeout: 200_000 },
  async ({ backend, seconds }) => {
    const seed = Date.now() % 1_000_000
    const { counts, misdeeds } = await runChaos({ seed, backend, seconds, jobs: Number.POSITIVE_INFINITY })
    expect(
      misdeeds.slice(0, 20),
      `seed ${seed}: npm run chaos -- --backend ${backend} --seed ${seed} --seconds ${seconds}`,
    ).toEqual([])
    expect((counts['killed'] ?? 0) + (counts['held still'] ?? 0)).toBeGreaterThan(0)
    expect(counts['jobs']).toBeGreaterThan(10)
  },
)
