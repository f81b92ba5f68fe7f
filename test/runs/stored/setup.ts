import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { ObjectStore } from '../../../src/backend.ts'
import { Queue } from '../../../src/index.ts'
import type { Workspace } from '../../../src/lifecycle/workspace.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs, type RunState } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'

/** Runs in a folder of their own, which goes with the test. */
export async function setup() {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-stored-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const queue = new Queue('jobs', { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
  onTestFinished(() => queue.close())
  const w = await queue[source].open()
  return { directory, queue, runs: new Runs(queue), w, objects: w.objects }
}

/** The same workspace with some of its store's calls done otherwise. */
export function withObjects(w: Workspace, calls: Partial<ObjectStore>): Workspace {
  const { objects } = w
  const own: ObjectStore = {
    put: (...given) => objects.put(...given),
    putIfAbsent: (...given) => objects.putIfAbsent(...given),
    get: (...given) => objects.get(...given),
    head: (...given) => objects.head(...given),
    delete: (...given) => objects.delete(...given),
    list: (...given) => objects.list(...given),
    ...calls,
  }
  return {
    ...w,
    queue: (status) => w.queue(status),
    validate: (metadata) => w.validate(metadata),
    report: (error) => w.report(error),
    objects: own,
  }
}

/** All objects below a prefix, as text. */
export async function textsBelow(objects: ObjectStore, prefix: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for (const { key } of (await objects.list(prefix)).objects) {
    const reading = await objects.get(key)
    texts[key] = reading ? await text(reading.body) : ''
  }
  return texts
}

/** A run's state once it is over. */
export async function ended(runs: Runs, name: string): Promise<RunState> {
  for (;;) {
    const state = await runs.get(name)
    if (!state) throw new Error(`no run ${name}`)
    if (state.status === 'completed' || state.status === 'failed') return state
    await wait(50)
  }
}
