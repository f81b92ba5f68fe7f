import { median } from '../median.ts'
import type { Score, Step } from './contest.ts'
import { type Group, groups } from './entrants.ts'
import type { Delays } from './server.ts'

/** All scores of one setting of the server. */
export interface Chapter {
  readonly delays: Delays
  readonly scores: readonly Score[]
}

const heads = ['', 'jobs/s', 'remotejob is', 'client CPU, ms a job', 'requests a job']
const steps: Readonly<Record<Step, string>> = { send: 'Sending', work: 'Working' }
const titles: Readonly<Record<Group, string>> = {
  all: "`records: 'all'`",
  results: "`records: 'results'`",
  none: "`records: 'none'`",
  unannounced:
    "`records: 'none'`, and nobody is told of a job's end (`statuses: ['pending']`), as with the other libraries",
  bodies: 'Jobs of 1 KiB whose body is read',
}

/** One setting of the server as Markdown. */
export function chapterOf({ delays, scores }: Chapter): string {
  const title = `## SQS ${delays.sqs} ms, PUT ${delays.put} ms, GET ${delays.get} ms late`
  const tables = groups.flatMap((group) => (['send', 'work'] as const).map((step) => tableOf(group, step, scores)))
  return [title, ...tables].join('\n\n')
}

function tableOf(group: Group, step: Step, scores: readonly Score[]): string {
  const rows = scores.filter((score) => score.entrant.group === group && score.step === step)
  const [ours] = rows
  if (!ours) return ''
  const lines = rows.map((score) => [
    score.entrant.name,
    score.speed.toFixed(0),
    score === ours ? '' : `${ratioOf(ours, score).toFixed(2)} ×`,
    score.cpuMilliseconds.toFixed(2),
    score.requests.toFixed(2),
  ])
  const cells = [heads, ['---', ...heads.slice(1).map(() => '---:')], ...lines]
  return `${steps[step]}: ${titles[group]}\n\n${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}`
}

/** The median of the ratios within each round: what disturbs a round disturbs both. */
export function ratioOf({ speeds }: Score, other: Score): number {
  return median(speeds.map((speed, round) => speed / (other.speeds[round] ?? NaN)))
}
