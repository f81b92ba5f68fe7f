import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { program, setup } from './command.ts'

/** What the examples of the help and of the documents speak of. */

const uuid = '0199a3c0-5d7e-7b0a-9c1e-2f4d6a8b0c1d'

/** A worker that makes thumbnails, in the background. */
export const copying = `remotejob work thumbs -q -- sh -c 'cp "$JOB_INPUT" "$JOB_OUTPUT_DIR/thumb.jpg"' &`

/** Ends with the script, and what it started in the background with it. */
export const tidy = `set -eo pipefail; trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n`

/** Ends it with a signal once it has said that, which is no failure. */
export async function interrupt(
  child: ChildProcessWithoutNullStreams,
  told: RegExp,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<void> {
  let said = ''
  const closed = once(child, 'close')
  const { promise, resolve } = Promise.withResolvers<void>()
  const hear = (chunk: Buffer): void => {
    said += chunk.toString()
    if (told.test(said)) resolve()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  if (told.test(said)) resolve()
  await Promise.race([promise, closed])
  child.kill(signal)
  const [code] = await closed
  expect({ code, said }).toMatchObject({ code: 0 })
}

/** A folder with queues, jobs in all states, files and programs. */
export async function world(name: string) {
  const cli = await setup()
  const bin = join(cli.folder, 'bin')
  await mkdir(bin)
  for (const folder of ['data', 'photos', 'photos/more pictures']) await mkdir(join(cli.folder, folder))
  const scripts = {
    'bin/remotejob': `exec "${process.execPath}" "${program}" "$@"`,
    'bin/convert': 'cp "$1" "$4"',
    'bin/pass': 'echo secret',
    'bin/pg_dump': 'echo CREATE TABLE',
    'bin/make-thumb': 'cp "$JOB_INPUT" "$JOB_OUTPUT_DIR/thumb.jpg"',
    'bin/make-report': 'echo "$JOB_META_DAY" > "$JOB_OUTPUT_DIR/report"',
    'render.sh': 'cp "$JOB_INPUT" "$JOB_OUTPUT_DIR/frame.png"',
    'sum.sh': 'echo "$JOB_INDEX"',
  }
  for (const [file, line] of Object.entries(scripts)) {
    await cli.files({ [file]: `#!/bin/sh\n${line}\n` })
    await chmod(join(cli.folder, file), 0o755)
  }
  const texts = ['cat.jpg', 'dog.jpg', 'data/a', 'render.conf', 'new.txt', 'tls.key', 'server.pem', 'letter.txt']
  await cli.files(Object.fromEntries(texts.map((file) => [file, file])))
  await cli.files({ 'photos/a b.jpg': 'a', 'photos/more pictures/line\nbreak.jpg': 'b' })
  await cli.files({ ids: 'my-job\nbad\n', '.env': 'QUALITY=80\n' })
  if (!name.includes('jobrun')) await fill(join(cli.folder, '.remotejob'), name)
  const env = { REMOTEJOB_LOCAL: '.remotejob', PATH: `${bin}:${cli.env['PATH']}` }
  return {
    ...cli,
    bash: (script: string, more = {}) => cli.startAny(['bash', '-c', script], { env: { ...env, ...more } }),
  }
}

async function fill(directory: string, command: string): Promise<void> {
  const open = (name: string) => new Queue(name, { backend: localBackend({ directory }) })
  await using thumbs = open('thumbs')
  await finish(thumbs, 'my-job')
  await finish(thumbs, 'bad', new Error('no such format'))
  await finish(thumbs, 'frame-17', new Error('no such format'))
  if (command === 'dead redrive') await bury(thumbs, directory)
  else if (command === 'cancel') await thumbs.submit({}, { id: uuid })
  else await finish(thumbs, uuid)
  await thumbs.submit({ body: 'waits' }, { id: 'waiting' })
  await using renders = open('renders')
  await finish(renders, uuid)
  await finish(renders, 'frame-17', new Error('out of memory'))
  await renders.submit({ body: 'waits' })
  await using report = open('report')
  await finish(report, 'monthly')
  await using sums = open('sums')
  await sums.submit({ body: 'waits' })
}

async function finish(queue: Queue, id: string, error?: Error): Promise<void> {
  await queue.submit({ body: 'in' }, { id, attempts: 1 })
  const job = await queue.next()
  const log = job.createLog('stderr')
  log.end('printed\n')
  await once(log, 'finish')
  await (error ? job.fail(error) : job.complete({ body: gzipSync('out') }))
}

/** Puts a job's message where it would be, had it been received too often. */
async function bury(queue: Queue, directory: string): Promise<void> {
  await queue.submit({}, { id: uuid })
  const place = localBackend({ directory }).open({
    bucket: 'remotejobs-thumbs',
    queues: new Map([
      ['pending', 'thumbs-pending'],
      ['dead', 'thumbs-dead'],
    ]),
    deadLetterQueue: 'thumbs-dead',
    pendingQueue: 'thumbs-pending',
    maxReceives: 10,
    leaseSeconds: 30,
    provision: 'never',
  })
  const pending = place.queue('thumbs-pending')
  const [message] = await pending.receive({ max: 1, waitSeconds: 5, leaseSeconds: 30 })
  if (!message) throw new Error('The job was not there')
  await place.queue('thumbs-dead').send({ body: message.body })
  await pending.delete(message.receipt)
  await place.close()
}
