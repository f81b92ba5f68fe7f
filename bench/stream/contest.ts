/** What one transfer took. */
export interface Figures {
  readonly seconds: number
  /** Not known of programs that are not ours. */
  readonly processorSeconds?: number | undefined
  readonly peakBytes?: number | undefined
}

/** One way of moving the bytes. */
export interface Entry {
  readonly name: string
  /** Moves them once, and makes sure that all arrived: by their number, and by their digest when that is asked for. */
  run(withDigest: boolean): Promise<Figures>
}

/** Several ways of doing the same; the first is the one that the others are compared with. */
export interface Contest {
  readonly title: string
  readonly entries: readonly [Entry, ...Entry[]]
}

/** What came out for one entry; medians. */
export interface Score {
  readonly name: string
  /** MiB a second. */
  readonly speed: number
  readonly slowest: number
  readonly fastest: number
  /** Its speed by that of the first entry, of runs made one after the other. */
  readonly ratio: number
  readonly peakMiB: number | undefined
  readonly highestPeakMiB: number | undefined
  /** Of the processor, for a GiB. */
  readonly processorSeconds: number | undefined
}

/**
 * Runs every entry once to check digests (and to warm up the disk's cache), which does not count, then `runs` times in turn: what
 * else the machine does meets all of them alike.
 */
export async function hold(contest: Contest, runs: number, size: number): Promise<readonly Score[]> {
  for (const entry of contest.entries) await entry.run(true)
  const rounds: (readonly Figures[])[] = []
  for (let round = 0; round < runs; round += 1) rounds.push(await runRound(contest.entries, round))
  return contest.entries.map(({ name }, index) => scoreOf(name, index, rounds, size))
}

/** Every second round goes backwards, so that nobody always runs first. */
async function runRound(entries: readonly Entry[], round: number): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  const order = [...entries.keys()]
  for (const index of round % 2 === 0 ? order : order.toReversed()) {
    const entry = entries[index]
    if (entry) figures[index] = await entry.run(false)
  }
  return figures
}

function scoreOf(name: string, index: number, rounds: readonly (readonly Figures[])[], size: number): Score {
  const MiB = size / 1024 / 1024
  const own = rounds.flatMap((round) => round[index] ?? [])
  const speeds = own.map(({ seconds }) => MiB / seconds)
  const peaks = own.flatMap(({ peakBytes }) => (peakBytes === undefined ? [] : [peakBytes / 1024 / 1024]))
  const processor = own.flatMap(({ processorSeconds }) =>
    processorSeconds === undefined ? [] : [(processorSeconds * 1024) / MiB],
  )
  return {
    name,
    speed: median(speeds) ?? NaN,
    slowest: Math.min(...speeds),
    fastest: Math.max(...speeds),
    ratio: median(rounds.map((round) => (round[0]?.seconds ?? NaN) / (round[index]?.seconds ?? NaN))) ?? NaN,
    peakMiB: median(peaks),
    highestPeakMiB: peaks.length > 0 ? Math.max(...peaks) : undefined,
    processorSeconds: median(processor),
  }
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2
}
