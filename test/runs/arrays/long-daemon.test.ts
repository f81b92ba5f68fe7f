import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Backend } from '../../../src/backend.ts'
import { Queue } from '../../../src/index.ts'
import { Runs } from '../../../src/runs.ts'
import { MemoryStore } from '../../model/memory-backend.ts'

/** A real program in virtual time, over a queue that lets nobody keep a message for more than twelve hours. */

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }),
)
afterEach(() => void vi.useRealTimers())

const hour = 3600
const leaseSeconds = hour
/** Seconds that pass between two looks. */
const step = 900

/** A machine with a worker, whose way to the store can be cut. */
function machine(store: MemoryStore) {
  let isCut = false
  const cuttable = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return (...given: unknown[]): unknown => {
          if (isCut) throw new Error('The machine is off')
          return Reflect.apply(member, target, given)
        }
      },
    })
  const inner = store.backend()
  const backend: Backend = {
    open: (place) => {
      const opened = inner.open(place)
      return { ...opened, objects: cuttable(opened.objects), queue: (name) => cuttable(opened.queue(name)) }
    },
  }
  const queue = new Queue('jobs', { backend, leaseSeconds })
  const runs = new Runs(queue)
  const worker = runs.work({ concurrency: 1, reap: false })
  return { runs, worker, cut: () => void (isCut = true) }
}

/** Time passes; real programs, their files and receives need some of the real one. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, seconds - passed) * 1000)
    await wait(25)
  }
}

/** Passes time until something is so, which may take no longer than that. */
async function passUntil(isSo: () => Promise<boolean>, seconds: number): Promise<void> {
  for (let passed = 0; !(await isSo()); passed += step) {
    if (passed > seconds) expect.fail(`It was not so within ${seconds} seconds`)
    await pass(step)
  }
}

/** Whether the process of a life, a line of its retry and its number, is there. */
function isAlive(life = ''): boolean {
  try {
    return process.kill(Number(life.split(' ')[1]), 0)
  } catch {
    return false
  }
}

test.skipIf(process.platform === 'win32')(
  'a daemon lives for days on one machine, though SQS gives a message for twelve hours, and on another when that one dies',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'remotejob-daemon-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const lives = async (): Promise<readonly string[]> =>
      (await readFile(`${folder}/lives`, 'utf8').catch(() => '')).split('\n').slice(0, -1)
    const store = new MemoryStore({ isPatient: true })
    const first = machine(store)
    const script = `echo $JOB_INDEX_RETRY_COUNT $$ >> ${folder}/lives; exec tail -f /dev/null`
    const command = ['sh', '-c', script]
    await first.runs.submit({ name: 'job', runName: 'run', command, mode: 'daemon', parallelism: 1 })
    await passUntil(async () => (await lives()).length > 0, hour)
    const second = machine(store)
    await pass(30 * hour)
    expect(await lives()).toEqual([expect.stringMatching(/^0 /)])
    expect(isAlive((await lives())[0])).toBe(true)

    first.cut()
    // Two leases without a sign of life, and the longest delay of SQS.
    await passUntil(async () => (await lives()).length > 1, 2 * leaseSeconds + 900)
    expect(await lives()).toEqual([expect.stringMatching(/^0 /), expect.stringMatching(/^1 /)])
    expect(isAlive((await lives())[0])).toBe(false)
    await pass(30 * hour)
    expect(isAlive((await lives())[1])).toBe(true)
    expect(await second.runs.get('run')).toMatchObject({ status: 'running', indexes: [{ retries: 1 }] })

    await second.runs.delete('run')
    await passUntil(async () => !isAlive((await lives())[1]), leaseSeconds)
    const closed = Promise.all([first.worker.close({ timeoutSeconds: 0 }), second.worker.close({ timeoutSeconds: 0 })])
    await pass(hour)
    await closed
    expect(await lives()).toHaveLength(2)
  },
)
