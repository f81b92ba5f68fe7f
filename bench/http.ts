/** Measures what the gateway costs beside a bare handler, and what memory it takes: `npm run bench:http`. Writes `bench/http-results.md`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { largeFiles, listeners } from './http/memory.ts'
import { requests } from './http/requests.ts'

const { values: flags } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, seconds: { type: 'string', default: '8' } },
})
const directory = await mkdtemp(join(tmpdir(), 'remotejob-http-'))
try {
  const parts = [
    await requests({ runs: Number(flags.runs), seconds: Number(flags.seconds) }),
    await largeFiles(join(directory, 'files')),
    await listeners(join(directory, 'listeners'), 1000),
  ]
  const text = `# Jobs over HTTP

Written by \`npm run bench:http\`, on Node ${process.versions.node}, ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)} at the end. Servers, clients and the
stand-in for S3 and SQS are processes of one machine that share its cores: figures are to be compared with each other.

${parts.join('\n\n')}
`
  console.log(text)
  await writeFile(new URL('http-results.md', import.meta.url), text)
} finally {
  await rm(directory, { recursive: true, force: true })
}
