import type { Score } from './contest.ts'

const width = 860
const left = 330
const row = 24

/** Jobs a second as bars. */
export function chartOf(title: string, scores: readonly Score[]): string {
  const most = Math.max(...scores.map(({ speed }) => speed))
  const bars = scores.map(({ entrant, speed }, index) => {
    const y = 52 + index * row
    const length = ((width - left - 90) * speed) / most
    const fill = entrant.name.startsWith('remotejob') ? '#2563eb' : '#94a3b8'
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${entrant.name}</text><rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="17" rx="2" fill="${fill}"/><text x="${(left + length + 6).toFixed(1)}" y="${y + 13}">${speed.toFixed(0)}</text>`
  })
  const height = 66 + scores.length * row
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#334155">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="30" font-size="16" font-weight="600">${title}</text>
${bars.join('\n')}
</svg>
`
}
