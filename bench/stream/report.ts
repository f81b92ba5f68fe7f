import { cpus, loadavg, totalmem } from 'node:os'
import type { Contest, Score } from './contest.ts'

/** A contest that was held. */
export interface Result {
  readonly contest: Contest
  readonly scores: readonly Score[]
  /** Bytes that were moved. */
  readonly size: number
  readonly runs: number
}

/** What else the machine had to do before anything was measured: processes that wanted to run, on average of a minute. */
const loadBefore = loadavg()[0] ?? NaN

const heads = ['', 'MiB/s', 'from–to', 'ratio', 'peak RSS, MiB', 'CPU s a GiB']

/** One contest as a Markdown table. */
export function tableOf({ contest, scores, size, runs }: Result): string {
  const title = `### ${contest.title}\n\n${size / 1024 / 1024} MiB, medians of ${runs}`
  const rows = [heads, ['---', ...heads.slice(1).map(() => '---:')], ...scores.map(cells)]
  return `${title}\n\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`
}

/** The whole document. */
export function documentOf(results: readonly Result[]): string {
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${introduction}
Measured on ${cpus().length} cores, ${memory} GiB of memory, Node ${process.versions.node}, ${process.platform}; load average
before the first run ${loadBefore.toFixed(1)}, after the last ${loadavg()[0]?.toFixed(1)} (the runs themselves make about 2).

${results.map(tableOf).join('\n')}`
}

function cells({ name, speed, slowest, fastest, ratio, peakMiB, highestPeakMiB, processorSeconds }: Score): string[] {
  const range = `${slowest.toFixed(0)}–${fastest.toFixed(0)}`
  const peak = peakMiB === undefined ? '–' : `${peakMiB.toFixed(0)} (at most ${highestPeakMiB?.toFixed(0)})`
  return [name, speed.toFixed(0), range, `${ratio.toFixed(2)} ×`, peak, processorSeconds?.toFixed(2) ?? '–']
}

const introduction = `# Large streams

Written by \`npm run bench:stream\`; every figure is from one run of it. A stream of unknown length (made up on the way, or a file's)
goes through \`queue.submit\` and comes back through \`job.createReadStream\`, beside what it stands on: \`Upload\` of lib-storage,
\`GetObject\`, and \`cp\`. Each transfer has a process of its own, whose peak memory is \`process.resourceUsage().maxRSS\`, and a server in
another; those that are compared take turns. \`ratio\` is the median of the ratios within each turn: above 1 is faster than the first row.
All bytes are counted at the far end in every run, and their SHA-256 is compared in one more run that does not count.
`
