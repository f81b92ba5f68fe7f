import { execFileSync } from 'node:child_process'
import { clientOptions } from '../aws/subject.ts'
import { Child } from '../children.ts'
import { median } from '../median.ts'
import { build } from './build.ts'
import { tableOf } from './table.ts'

const rounds = 15

/** What fresh processes load, each of the package as it is built. */
const programs = {
  "the SDK's two clients": `await import('@aws-sdk/client-s3'); await import('@aws-sdk/client-sqs')`,
  '`remotejob`, which loads neither': `await import('remotejob')`,
  "`remotejob`, then the SDK's two clients": `await import('remotejob'); await import('@aws-sdk/client-s3'); await import('@aws-sdk/client-sqs')`,
  "the SDK's two clients, and five requests by hand": `
    const { S3Client, HeadBucketCommand } = await import('@aws-sdk/client-s3')
    const { SQSClient, GetQueueUrlCommand } = await import('@aws-sdk/client-sqs')
    const [s3, sqs] = [new S3Client({ ...site, forcePathStyle: true }), new SQSClient(site)]
    const asked = ['pending', 'completed', 'failed', 'dead'].map((name) => sqs.send(new GetQueueUrlCommand({ QueueName: 'start-' + name })))
    await Promise.all([s3.send(new HeadBucketCommand({ Bucket: 'remotejobs-start' })), ...asked])`,
  '`remotejob`, until its queue is open': `
    const { Queue } = await import('remotejob')
    await new Queue('start', { ...site, provision: 'never' }).ready()`,
} as const

/** How long the import of the package takes, beside that of the SDK. */
export async function imports(): Promise<string> {
  await using server = new Child(new URL('../aws/server.ts', import.meta.url))
  const site = clientOptions(await server.answer<string>())
  const cwd = build()
  const names = Object.entries(programs)
  const times = new Map<string, number[]>(names.map(([name]) => [name, []]))
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, program] of names) {
      const taken = milliseconds(`const site = ${JSON.stringify(site)}\n${program}`, cwd)
      // The first round only warms the disk's cache.
      if (round > 0) times.get(name)?.push(taken)
    }
  const sdk = median(times.get("the SDK's two clients") ?? [])
  const rows = [...times].map(([name, all]) => [name, median(all).toFixed(1), (median(all) - sdk).toFixed(1)])
  const heads = ['', 'ms', 'over the two clients, ms']
  return `## Start\n\nMedians of ${rounds} fresh processes each, which take turns.\n\n${tableOf(heads, rows)}`
}

function milliseconds(program: string, cwd: string): number {
  const source = `const began = performance.now()\n${program}\nconsole.log(performance.now() - began)\nprocess.exit()`
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', source], { cwd, encoding: 'utf8' }))
}
