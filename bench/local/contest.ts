import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../children.ts'
import { median } from '../median.ts'
import type { Site } from './subject.ts'

interface Entrant {
  readonly name: string
  readonly file: string
  readonly variant: string
}

const entrants: readonly Entrant[] = [
  { name: "remotejob, `records: 'all'`", file: 'ours.ts', variant: 'all' },
  { name: "remotejob, `records: 'none'`", file: 'ours.ts', variant: 'none' },
  { name: "remotejob, `records: 'none'`, `fsync: false`", file: 'ours.ts', variant: 'second' },
  { name: 'BullMQ, jobs kept (its default)', file: 'bullmq.js', variant: 'kept' },
  { name: 'BullMQ, `removeOnComplete`', file: 'bullmq.js', variant: 'removed' },
  { name: 'pg-boss', file: 'pg-boss.js', variant: '' },
  { name: 'graphile-worker', file: 'graphile-worker.js', variant: '' },
]

/** One entrant's jobs a second, of each round. */
export interface Score {
  readonly name: string
  readonly sent: readonly number[]
  readonly bulk: readonly number[]
  readonly worked: readonly number[]
}

/** How a contest is held. */
export interface Terms {
  readonly site: Omit<Site, 'queue'>
  readonly processes: number
  readonly rounds: number
  readonly count: number
  readonly only: string
}

/** Lets entrants take turns, so that whatever else the machine does disturbs all of them alike. The first round only warms up. */
export async function hold({ site, processes, rounds, count, only }: Terms): Promise<readonly Score[]> {
  await using stack = new AsyncDisposableStack()
  const teams = entrants
    .filter(({ name }) => name.includes(only))
    .map(({ name, file, variant }) => {
      const children = Array.from({ length: processes }, () =>
        stack.use(new Child(new URL('./client.ts', import.meta.url), [file, variant])),
      )
      return { name, children, sent: new Array<number>(), bulk: new Array<number>(), worked: new Array<number>() }
    })
  for (let round = 0; round <= rounds; round += 1) {
    for (const { children, sent, bulk, worked } of teams) {
      const speeds = await play(children, { ...site, queue: `bench-${processes}-${round}` }, count)
      if (round === 0) continue
      sent.push(speeds.sent)
      bulk.push(speeds.bulk)
      worked.push(speeds.worked)
    }
  }
  return teams
}

interface Speeds {
  readonly sent: number
  readonly bulk: number
  readonly worked: number
}

async function play(children: readonly Child[], site: Site, count: number): Promise<Speeds> {
  const all = (order: object | string): Promise<number[]> =>
    Promise.all(children.map((child) => child.ask<number>(order)))
  // One after the other: the first makes what the others find.
  for (const child of children) await child.ask({ open: site })
  let began = performance.now()
  await all({ send: count / children.length })
  const sent = (count / (performance.now() - began)) * 1000
  began = performance.now()
  await all({ sendMany: count / children.length })
  const bulk = (count / (performance.now() - began)) * 1000
  began = performance.now()
  await all('work')
  for (let done = 0; done < 2 * count;) {
    await wait(5)
    done = (await all('done')).reduce((sum, one) => sum + one, 0)
  }
  const worked = ((2 * count) / (performance.now() - began)) * 1000
  await all('close')
  return { sent, bulk, worked }
}

/** The median of the ratios within each round: what disturbs a round disturbs both. */
export function ratioOf(speeds: readonly number[], others: readonly number[]): number {
  return median(speeds.map((speed, round) => speed / (others[round] ?? NaN)))
}
