import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs } from '../../../src/runs.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { source } from '../../../src/worker.ts'
import { poll } from './setup.ts'

const writers = ['a', 'b']
const acknowledgements = 15

test.skipIf(process.platform === 'win32')(
  'each object that was written has its one run, though writers and workers are killed all the time',
  { timeout: 120_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'remotejob-events-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const backend = localBackend({ directory, fsync: false })
    const documents = new Queue('documents', { backend })
    const queue = new Queue('runs', { backend, leaseSeconds: 3 })
    onTestFinished(async () => void (await Promise.all([documents, queue].map((one) => one.close()))))
    await documents.ready()
    const runs = new Runs(queue)
    await runs.jobs.create({ name: 'count', command: ['true'], retryLimit: 5 })
    const request = { name: 'texts', bucket: 'remotejobs-documents', destination: 'count', prefix: 'texts/' }
    await runs.subscriptions.create(request)

    const acknowledged: string[] = []
    for (const name of writers) {
      const [writer, worker] = [start('writer', directory, name), start('worker', directory)]
      for await (const line of createInterface(writer.stdout ?? process.stdin)) {
        acknowledged.push(line)
        if (acknowledged.length % acknowledgements === 0) break
        // Wherever it is.
        if (acknowledged.length % 4 === 0) worker.kill('SIGKILL')
      }
      await Promise.all([writer, worker].map(kill))
    }
    const worker = runs.work({ concurrency: 4 })
    onTestFinished(() => worker.close())

    const { objects } = await documents[source].open()
    const written = (await objects.list('texts/')).objects.map(({ key }) => key)
    expect(written).toEqual(expect.arrayContaining(acknowledged))
    expect(acknowledged).toHaveLength(writers.length * acknowledgements)
    const ended = await poll(async () => {
      const all = await runs.list()
      return all.length >= written.length && all.every(({ status }) => status === 'completed') ? all : undefined
    })
    const w = await queue[source].open()
    const subjects = await Promise.all(
      ended.map(async ({ name }) => {
        const run = await readRun(w, name)
        const subject = run?.definition.environment.find(
          (entry) => entry.kind === 'literal' && entry.name === 'CE_SUBJECT',
        )
        return subject?.kind === 'literal' ? subject.value : ''
      }),
    )
    expect(subjects.toSorted()).toEqual(written.toSorted())
  },
)

function start(name: string, ...words: string[]): ChildProcess {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [file, ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
