import { median } from '../median.ts'
import { ratioOf, type Score } from './contest.ts'

const ours = ["`'all'` is", "`'none'` is", '`fsync: false` is']
const heads = ['', 'added a second', ...ours, 'added in bulk', ...ours, 'worked a second', ...ours]

/** One contest as Markdown. */
export function tableOf(processes: number, scores: readonly Score[]): string {
  const lines = scores.map((score) => [
    score.name,
    ...cells(score, 'sent', scores),
    ...cells(score, 'bulk', scores),
    ...cells(score, 'worked', scores),
  ])
  const rows = [heads, ['---', ...heads.slice(1).map(() => '---:')], ...lines]
  const title = processes === 1 ? '## One process' : `## ${processes} processes`
  return `${title}\n\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}`
}

/** The speed, and how many times as fast remotejob is in its three modes, which come first. */
function cells(score: Score, step: 'sent' | 'bulk' | 'worked', scores: readonly Score[]): string[] {
  const own = scores.filter(({ name }) => name.startsWith('remotejob'))
  return [median(score[step]).toFixed(0), ...own.map((one) => `${ratioOf(one[step], score[step]).toFixed(2)} ×`)]
}
