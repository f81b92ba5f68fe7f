import { Child } from '../children.ts'
import { median } from '../median.ts'
import type { Taken } from './client.ts'
import type { Entrant } from './entrants.ts'
import { owners, type Shares } from './profile.ts'
import type { Delays } from './server.ts'

export type Step = 'send' | 'work'

/** What one step of one run came to. */
interface Run extends Taken {
  readonly requests: number
  readonly count: number
}

/** One entrant's medians of a step. */
export interface Score {
  readonly entrant: Entrant
  readonly step: Step
  /** Jobs a second of each run, so that runs of one round can be compared. */
  readonly speeds: readonly number[]
  readonly speed: number
  readonly cpuMilliseconds: number
  readonly requests: number
  /** Whose code ran in a round of its own, milliseconds a job. */
  readonly shares: Shares | undefined
}

/** Lets entrants take turns, so that whatever else the machine does disturbs all of them alike. The first round only warms up, and the last one is profiled. */
export async function hold(
  entrants: readonly Entrant[],
  delays: Delays,
  { rounds, scale }: { readonly rounds: number; readonly scale: number },
): Promise<readonly Score[]> {
  await using server = new Child(new URL('./server.ts', import.meta.url))
  const endpoint = await server.answer<string>()
  await server.ask({ delays })
  const runs = new Map<string, Run[]>()
  const shares = new Map<string, Shares>()
  await using stack = new AsyncDisposableStack()
  const clients = entrants.map((entrant) => ({
    entrant,
    client: stack.use(new Child(new URL('./client.ts', import.meta.url), [entrant.file, entrant.variant])),
  }))
  for (let round = 0; round <= rounds + 1; round += 1) {
    for (const [index, { entrant, client }] of clients.entries()) {
      // Its own: what is left of another's polls must not take its messages.
      const queue = `bench-${round}-${index}`
      await client.ask({ open: { endpoint, queue } })
      const count = Math.max(10, Math.round(((round === 0 ? 0.3 : 1) * scale * entrant.count) / 10) * 10)
      for (const step of ['send', 'work'] as const) {
        const before = await server.ask<number>('count')
        const taken = await client.ask<Taken>({ step, count, profiled: round > rounds })
        const requests = (await server.ask<number>('count')) - before
        const key = `${entrant.name} ${step}`
        if (taken.shares) shares.set(key, eachOf(taken.shares, count))
        else if (round > 0) runs.set(key, [...(runs.get(key) ?? []), { ...taken, requests, count }])
      }
      await server.ask('wake')
      await client.ask('close')
      const left = await server.ask<number>({ left: `${queue}-pending` })
      if (left > 0) throw new Error(`${entrant.name} left ${left} of ${count} messages`)
      await server.ask('clear')
    }
  }
  return entrants.flatMap((entrant) =>
    (['send', 'work'] as const).map((step) => {
      const key = `${entrant.name} ${step}`
      return { entrant, step, ...scoreOf(runs.get(key) ?? []), shares: shares.get(key) }
    }),
  )
}

function scoreOf(runs: readonly Run[]): Pick<Score, 'speeds' | 'speed' | 'cpuMilliseconds' | 'requests'> {
  const speeds = runs.map(({ count, seconds }) => count / seconds)
  return {
    speeds,
    speed: median(speeds),
    cpuMilliseconds: median(runs.map(({ cpuSeconds, count }) => (cpuSeconds * 1000) / count)),
    requests: median(runs.map(({ requests, count }) => requests / count)),
  }
}

function eachOf(shares: Shares, count: number): Shares {
  const each = { ...shares }
  for (const owner of owners) each[owner] /= count
  return each
}
