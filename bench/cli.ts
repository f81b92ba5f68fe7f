/**
 * Measures what running a program per job costs: `npm run bench:cli -- --runs 5 --count 1000 --jobs 8`.
 *
 * - `--runs` measured rounds, after one that warms up. Default 5
 * - `--count` programs a run. Default 1000
 * - `--jobs` at the same time. Default 8
 *
 * GNU parallel is Debian's: `apt-get install parallel`.
 */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { hold } from './cli/contest.ts'
import { tableOf } from './cli/report.ts'

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    count: { type: 'string', default: '1000' },
    jobs: { type: 'string', default: '8' },
  },
})
const terms = { rounds: Number(flags.runs), count: Number(flags.count), jobs: Number(flags.jobs) }

const introduction = `# Programs as workers

Written by \`npm run bench:cli\`; every figure is from one run of it. \`true\` is run ${terms.count} times, ${terms.jobs} at a time. Entrants
take turns, after a round that only warms up. Seconds end with the last program's end, before a worker looks for more jobs; processor
time is that of the whole tree of processes, \`true\` included; memory is the peak of the process that starts the programs. What an
entrant adds is its processor time a job above that of a loop in Node that only starts the programs. GNU parallel is given its jobs as
arguments and keeps nothing; \`remotejob work\` takes each from a queue, keeps its output and its outcome, and would give it to
another worker if it died. Figures of machines with other work are proportions, not speeds.`

const scores = await hold(terms)
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, Node ${process.versions.node}, ${process.platform}`
const text = [introduction, `Medians of ${flags.runs} rounds on ${machine}.`, tableOf(scores)].join('\n\n')
await writeFile(new URL('cli-results.md', import.meta.url), `${text}\n`)
console.log(text)
