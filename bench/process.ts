/** Measures what one process waits for and takes: `npm run bench:process`. Writes `bench/process-results.md`. */
import { writeFile } from 'node:fs/promises'
import { imports } from './process/imports.ts'
import { latency } from './process/latency.ts'
import { memory } from './process/memory.ts'

const introduction = `# Waiting, memory and start

Written by \`npm run bench:process\`, on Node ${process.versions.node}. The server is \`bench/aws/server.ts\`, in a process of its own.
Figures of machines with other work are proportions, not speeds.`

const chapters: string[] = []
for (const chapter of [latency, memory, imports]) {
  const text = await chapter()
  console.log(`${text}\n`)
  chapters.push(text)
}
await writeFile(new URL('process-results.md', import.meta.url), `${[introduction, ...chapters].join('\n\n')}\n`)
