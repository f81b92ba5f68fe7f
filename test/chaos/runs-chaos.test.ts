import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { Runs } from '../../src/runs.ts'
import { runArrayChaos } from './runs/array.ts'
import { Diary } from './runs/diary.ts'

/** As long as a run takes where nothing else runs: killed as fast where all is slow, workers would die before they did anything. */
const mischiefSeconds = 60

describe.skipIf(process.platform === 'win32')('an array', () => {
  test.each([
    { backend: 'local', size: 500, parallelism: 8 },
    { backend: 'aws', size: 120, parallelism: 4 },
  ] as const)(
    'whose workers are killed ends each index once, within its tries and its parallelism, and is counted rightly ($backend)',
    { timeout: 300_000 },
    async ({ backend, size, parallelism }) => {
      const seed = Date.now() % 1_000_000
      const { counts, misdeeds } = await runArrayChaos({ seed, backend, size, parallelism, mischiefSeconds })
      const again = `npm run chaos -- --runs --backend ${backend} --seed ${seed} --jobs ${size} --parallelism ${parallelism}`
      expect(misdeeds.slice(0, 20), `seed ${seed}: ${again}`).toEqual([])
      expect((counts['killed'] ?? 0) + (counts['held still'] ?? 0)).toBeGreaterThan(0)
      // The bound was reached, so it was one.
      expect(counts['most at once']).toBe(parallelism)
    },
  )

  test(
    'has one more than its parallelism where a worker is held still, until that one wakes',
    { timeout: 120_000 },
    async () => {
      const { runs, diary, folder, hire } = await setup()
      await runs.submit({
        name: 'array',
        runName: 'array',
        command: diary.waitingFor(join(folder, 'go')),
        arrayIndexes: '0-1',
        parallelism: 1,
      })
      const holder = hire()
      await begun(diary, 1)
      diary.tell('stop', holder)
      process.kill(holder, 'SIGSTOP')
      hire()
      await begun(diary, 2)
      diary.tell('continue', holder)
      process.kill(holder, 'SIGCONT')
      writeFileSync(join(folder, 'go'), '')
      expect(await runs.wait('array', { timeoutSeconds: 90 })).toMatchObject({ status: 'completed', succeeded: '0-1' })
      expect(diary.overlaps(1)).toEqual({ most: 1, besidePaused: 1, besideOrphans: 0 })
    },
  )

  test('of a daemon begins again on another machine when its own dies', { timeout: 120_000 }, async () => {
    const { runs, diary, folder, hire } = await setup()
    const command = diary.waitingFor(join(folder, 'go'))
    await runs.submit({ name: 'daemon', runName: 'daemon', command, mode: 'daemon' })
    const first = hire()
    await begun(diary, 1)
    process.kill(first, 'SIGKILL')
    hire()
    await begun(diary, 2)
    writeFileSync(join(folder, 'go'), '')
    const state = await runs.wait('daemon', { timeoutSeconds: 90 })
    expect(state).toMatchObject({ status: 'completed', indexes: [{ retries: 1 }] })
  })
})

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-array-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const directory = join(folder, 'queue')
  const queue = new Queue('runs', { backend: localBackend({ directory, fsync: false }), leaseSeconds: 3 })
  await queue.ready()
  onTestFinished(() => queue.close())
  const program = fileURLToPath(new URL('children/runs-worker.ts', import.meta.url))
  const config = JSON.stringify({ name: 'runs', directory })
  /** Another worker; the id of its process. */
  const hire = (): number => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, config], {
      stdio: 'ignore',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child.pid ?? 0
  }
  return { runs: new Runs(queue), diary: new Diary(join(folder, 'diary')), folder, hire }
}

/** Waits until so many programs have begun. */
async function begun(diary: Diary, count: number): Promise<void> {
  const beginnings = (): number =>
    readFileSync(diary.path, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('+')).length
  await vi.waitFor(() => expect(beginnings()).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 50 })
}
