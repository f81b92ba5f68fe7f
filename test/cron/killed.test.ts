import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { Schedules } from '../../src/cron.ts'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { tickId } from '../../src/protocol/schedule-keys.ts'
import { Runs } from '../../src/runs.ts'

afterEach(() => {
  vi.useRealTimers()
})

const minutes = 90

test.skipIf(process.platform === 'win32')(
  'each tick has its one run, though the processes that make and run them are killed all the time',
  { timeout: 120_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'remotejob-cron-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
    const queue = new Queue('runs', { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
    onTestFinished(() => queue.close())
    const runs = new Runs(queue)
    const each = await runs.atEachTick({ name: 'tick', command: ['true'], retryLimit: 5 })
    const from = Date.now() - minutes * 60_000
    vi.useFakeTimers({ toFake: ['Date'], now: from })
    await new Schedules(queue).create({ name: 'often', cron: '* * * * *', missed: 'all', ...each })
    vi.useRealTimers()

    for (let round = 0; round < 6; round += 1) {
      const children = [start(directory), start(directory)]
      let lines = 5 + Math.floor(Math.random() * 40)
      // Wherever it is then; the other lives a little longer.
      for await (const _ of createInterface(children[0]?.stdout ?? process.stdin)) if ((lines -= 1) === 0) break
      for (const child of children) await kill(child)
    }
    const until = Date.now()
    const worker = runs.work({ concurrency: 4, scheduler: true })
    onTestFinished(() => worker.close())
    const first = Math.floor(from / 60_000) + 1
    const ticks = Array.from({ length: Math.floor(until / 60_000) - first + 1 }, (_, index) => nameOf(first + index))
    expect(ticks.length).toBeGreaterThanOrEqual(minutes)
    const completed = async (): Promise<readonly string[]> => {
      const all = await runs.list()
      return all.filter(({ status }) => status === 'completed').map(({ name }) => name)
    }
    await expect.poll(completed, { timeout: 60_000 }).toEqual(expect.arrayContaining(ticks))
    // Later ones may have come meanwhile.
    const names = (await runs.list()).map(({ name }) => name).filter((name) => name <= (ticks.at(-1) ?? ''))
    expect(names.toSorted()).toEqual(ticks)
  },
)

/** The run of a minute, in whole ones since 1970. */
function nameOf(minute: number): string {
  const id = tickId({ schedule: 'often', at: new Date(minute * 60_000) })
  return `often-${id.slice('cron.often.'.length).toLowerCase()}`
}

function start(directory: string): ChildProcess {
  const program = fileURLToPath(new URL('children/scheduler.ts', import.meta.url))
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await closed
}
