/**
 * Measures the local backend beside what else one machine offers: `npm run bench:local -- --runs 5 --count 4000 --only bullmq`.
 *
 * - `--runs` measured rounds, after one that warms up. Default 5
 * - `--count` jobs a run. Default 4000
 * - `--only` entrants whose name holds this text. Default all
 *
 * redis-server and PostgreSQL are Debian's: `apt-get install redis-server postgresql`.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { hold } from './local/contest.ts'
import { tableOf } from './local/report.ts'
import { startServers } from './local/servers.ts'
import { installPeers } from './peers.ts'

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    count: { type: 'string', default: '4000' },
    only: { type: 'string', default: '' },
  },
})

const introduction = `# Jobs on one machine

Written by \`npm run bench:local\`; every figure is from one run of it. Jobs carry 1 KiB; 50 are added, and 50 worked on, at a time in
each process; in bulk, 100 in a call, one call after the other. Peers run as their documentation advises for speed. Entrants take
turns, after a round that only warms up; ratios are medians of those within each round, and above 1 × remotejob is faster.

Durability: remotejob and PostgreSQL have every job on the disk before they answer (\`fsync: true\`, \`fsync = on\`); Redis flushes its
append-only file every second (\`appendfsync everysec\`), so it may lose the last second, as remotejob may with \`fsync: false\`. BullMQ
keeps done jobs unless it is told to remove them, as remotejob does with \`records: 'all'\`; pg-boss keeps them too, graphile-worker does
not. Figures of machines with other work are proportions, not speeds.`

installPeers()
const directory = await mkdtemp(join(tmpdir(), 'remotejob-bench-'))
await chmod(directory, 0o755)
try {
  await using servers = await startServers(directory)
  const { redisPort, postgres } = servers
  const tables: string[] = []
  for (const processes of [1, 4]) {
    const scores = await hold({
      site: { directory, redisPort, postgres },
      processes,
      rounds: Number(flags.runs),
      count: Number(flags.count),
      only: flags.only,
    })
    tables.push(tableOf(processes, scores))
    console.log(`${tables.at(-1)}\n`)
  }
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory, Node ${process.versions.node}, ${process.platform}`
  const text = [introduction, `${flags.count} jobs, medians of ${flags.runs} rounds on ${machine}.`, ...tables].join(
    '\n\n',
  )
  await writeFile(new URL('local-results.md', import.meta.url), `${text}\n`)
} finally {
  await rm(directory, { recursive: true })
}
