import { median } from '../median.ts'
import type { Score, Step } from './contest.ts'
import { type Group, groups } from './entrants.ts'
import { owners } from './profile.ts'
import type { Delays } from './server.ts'

/** All scores of one setting of the server. */
export interface Chapter {
  readonly delays: Delays
  readonly scores: readonly Score[]
}

/** What is aimed at, of the raw SDK's speed. */
const goal = 0.9

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
  const table = cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
  return [`${steps[step]}: ${titles[group]}`, table, ...reasonsOf(ours, rows.slice(1))].join('\n\n')
}

/** Of a table with a row that remotejob should be nearer to: where both spend their processor time. */
function reasonsOf(ours: Score, others: readonly Score[]): readonly string[] {
  const ahead = others.filter((score) => ratioOf(ours, score) < goal)
  if (ahead.length === 0) return []
  const lines = [ours, ...ahead].map((score) => `- ${score.entrant.name}: ${textOf(score)}`)
  return [
    `Less than ${goal} × of one or more. Where the processor's time goes, µs a job, in a round that was profiled:`,
    lines.join('\n'),
  ]
}

/** Of the time the processor was used; what it waited for is none of it, though a profile takes it for work where others work too. */
function textOf({ shares, cpuMilliseconds }: Score): string {
  if (!shares) return 'not profiled'
  const all = owners.reduce((sum, owner) => sum + shares[owner], 0)
  const parts = owners.map((owner) => [owner, (1000 * cpuMilliseconds * shares[owner]) / all] as const)
  const large = parts.filter(([, microseconds]) => microseconds >= 1)
  return large.map(([owner, microseconds]) => `${owner} ${microseconds.toFixed(0)}`).join(', ')
}

/** The median of the ratios within each round: what disturbs a round disturbs both. */
export function ratioOf({ speeds }: Score, other: Score): number {
  return median(speeds.map((speed, round) => speed / (other.speeds[round] ?? NaN)))
}
