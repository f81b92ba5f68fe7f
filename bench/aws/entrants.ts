/** Who takes part: a module of `subjects/` and how it is set up. */
export interface Entrant {
  readonly name: string
  readonly file: string
  readonly variant: string
  /** Jobs a run. */
  readonly count: number
  /** Those that do the same for the user: their rows are compared. */
  readonly group: Group
}

/** What is kept of a job, or `unannounced`: nothing, and nobody is told of its end either. `bodies` are read. */
export type Group = 'all' | 'results' | 'none' | 'unannounced' | 'bodies'

const records = ['all', 'results', 'none', 'unannounced'] as const satisfies readonly Group[]

export const groups = [...records, 'bodies'] as const satisfies readonly Group[]

const counts = { all: 600, results: 1000, none: 4000, unannounced: 4000 } as const satisfies Record<
  (typeof records)[number],
  number
>

const peers: readonly Entrant[] = [
  { name: 'sqs-producer + sqs-consumer', file: 'bbc.js', variant: '1', count: 1000, group: 'unannounced' },
  { name: 'sqs-producer + 8 × sqs-consumer', file: 'bbc.js', variant: '8', count: 2000, group: 'unannounced' },
  { name: 'squiss-ts, 100 in flight', file: 'squiss.js', variant: '100', count: 2000, group: 'unannounced' },
]

const bodies: readonly Entrant[] = [
  { name: 'remotejob, 50 bodies in flight', file: 'bodies.ts', variant: '50', count: 600, group: 'bodies' },
  { name: 'remotejob, next and complete, one at a time', file: 'bodies.ts', variant: '1', count: 30, group: 'bodies' },
]

const compared: readonly Entrant[] = records.flatMap((group): readonly Entrant[] => [
  { name: `remotejob, ${group}`, file: 'ours.ts', variant: group, count: counts[group], group },
  ...[8, 32].map((width) => ({
    name: `raw SDK, ${group}, ${width} in flight`,
    file: 'raw.ts',
    variant: `${group}-${width}`,
    count: counts[group],
    group,
  })),
  ...(group === 'unannounced' ? peers : []),
])

export const entrants: readonly Entrant[] = [...compared, ...bodies]
