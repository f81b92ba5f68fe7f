/**
 * Measures jobs over AWS's protocol: `npm run bench -- --runs 5 --scale 1 --only none --delays 15`.
 *
 * - `--runs` measured rounds, after one that warms up. Default 5
 * - `--scale` how many jobs a run, times the usual. Default 1
 * - `--only` entrants whose name holds this text. Default all
 * - `--delays` settings of the server by their first figure, of `15`, `0` and `15/45/20`. Default all
 */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { chartOf } from './aws/chart.ts'
import { hold } from './aws/contest.ts'
import { entrants } from './aws/entrants.ts'
import { type Chapter, chapterOf } from './aws/report.ts'
import type { Delays } from './aws/server.ts'
import { installPeers } from './peers.ts'

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    delays: { type: 'string', default: '15,0,15/45/20' },
  },
})
const settings: Readonly<Record<string, Delays>> = {
  '15': { sqs: 15, put: 15, get: 15 },
  '0': { sqs: 0, put: 0, get: 0 },
  '15/45/20': { sqs: 15, put: 45, get: 20 },
}

const introduction = `# Jobs over AWS's protocol

Written by \`npm run bench\`; every figure is from one run of it. Jobs carry 1 KiB. Each entrant has a process of its own and takes turns
with the others, after a round that only warms up. "remotejob is" is the median of the ratios within each round: above 1 × remotejob is
faster. Beside it, \`raw SDK\` makes the same calls by hand. The server (\`bench/aws/server.ts\`, in another process) knows as much of SQS
and S3 as this needs, counts the requests, and answers as late as the headings say: the emulators at hand would be what is measured.
Figures of machines with other work are proportions, not speeds. Time ends with the last job's end; deletes that nobody waits for may
be on their way then, and a run whose messages are not all gone at its close fails.`

installPeers()
const chosen = entrants.filter(({ name }) => name.includes(flags.only))
const chapters: Chapter[] = []
for (const name of flags.delays.split(',')) {
  const delays = settings[name]
  if (!delays) throw new Error(`Expected --delays to be of ${Object.keys(settings).join(', ')}, got ${name}`)
  const scores = await hold(chosen, delays, { rounds: Number(flags.runs), scale: Number(flags.scale) })
  chapters.push({ delays, scores })
  console.log(`${chapterOf({ delays, scores })}\n`)
  await write()
}

/** After every chapter, so that one that fails does not take the others with it. */
async function write(): Promise<void> {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, Node ${process.versions.node}, ${process.platform}`
  const text = [introduction, `Medians of ${flags.runs} rounds on ${machine}.`, ...chapters.map(chapterOf)].join('\n\n')
  await writeFile(new URL('results.md', import.meta.url), `${text}\n`)
  const working = chapters[0]?.scores.filter(({ step }) => step === 'work') ?? []
  await writeFile(
    new URL('results.svg', import.meta.url),
    chartOf('Jobs a second that one process works on, 15 ms from the server', working),
  )
}
