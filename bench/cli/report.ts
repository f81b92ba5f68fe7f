import type { Score } from './contest.ts'

const heads = ['', 'seconds', 'CPU, ms a job', 'adds, ms a job', 'peak memory, MiB', 'requests a job']

/** The contest as Markdown; the first entrant is what the others add to. */
export function tableOf(scores: readonly Score[]): string {
  const least = scores[0]?.cpuMilliseconds ?? NaN
  const lines = scores.map(({ name, seconds, cpuMilliseconds, peakMebibytes, requests }, index) => [
    name,
    seconds.toFixed(1),
    cpuMilliseconds.toFixed(1),
    index === 0 ? '' : (cpuMilliseconds - least).toFixed(1),
    peakMebibytes.toFixed(0),
    requests === undefined ? '' : requests.toFixed(2),
  ])
  const rows = [heads, ['---', ...heads.slice(1).map(() => '---:')], ...lines]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
