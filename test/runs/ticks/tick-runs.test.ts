import { afterEach, describe, expect, test, vi } from 'vitest'
import { Schedules } from '../../../src/cron.ts'
import { fireSchedules } from '../../../src/lifecycle/fire-schedules.ts'
import { KnownSchedules } from '../../../src/lifecycle/known-schedules.ts'
import { tickId, tickOf } from '../../../src/protocol/schedule-keys.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { makeTickRun } from '../../../src/runs/ticks/make-tick-run.ts'
import type { AtEachTick } from '../../../src/runs.ts'
import { refusal } from '../../queue/setup.ts'
import { ended, type Scene, setup } from '../arrays/setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

const seen = /^(?:CE_(?:ID|SOURCE|SPECVERSION|TYPE|TIME|DATA|COLOUR)|CONTENT_TYPE|LEVEL)=/
const printEvent = [process.execPath, '-p', "Object.entries(process.env).map(([n, v]) => n + '=' + v).join('\\n')"]

/** A schedule that was made an hour ago, and a scheduler: the id of the job of its one tick that has come. */
async function tickOfSchedule({ queue, open }: Scene, name: string, each: AtEachTick): Promise<string> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
  await new Schedules(queue).create({ name, cron: '0 * * * *', ...each })
  vi.useRealTimers()
  const [id = ''] = await fireSchedules(await open(), { known: new KnownSchedules() })
  return id
}

/** What a program of {@link printEvent} was told of its event, once it ended well. */
async function eventOf({ runs }: Scene, run: string): Promise<readonly string[]> {
  expect(await ended(runs, run)).toMatchObject({ status: 'completed' })
  const chunks = await Array.fromAsync(runs.logs(run))
  return Buffer.concat(chunks.map(({ bytes }) => bytes))
    .toString()
    .split('\n')
    .filter((line) => seen.test(line))
    .toSorted()
}

/** The name of a tick's run, from its job. */
async function runOf({ queue }: Scene, id: string): Promise<string> {
  const { value } = await queue.result(id, { timeoutSeconds: 15 })
  const { run }: { run?: unknown } = Object(value)
  if (typeof run !== 'string') throw new Error(`Job ${id} made no run`)
  return run
}

describe('a schedule of runs', () => {
  test('makes a run of a stored job at each tick, with the variables of a periodic timer', async () => {
    const scene = await setup()
    const { runs } = scene
    await runs.jobs.create({ name: 'print', command: printEvent })
    const environment = [{ kind: 'literal', name: 'LEVEL', value: 'high' }] as const
    const event = { data: '{"a":1}', contentType: 'application/json', extensions: { Colour: 'red' } }
    const id = await tickOfSchedule(scene, 'hourly', await runs.atEachTick({ job: 'print', environment }, event))
    await using _ = runs.work({ concurrency: 2 })
    const run = await runOf(scene, id)
    expect(run).toBe(id.slice('cron.'.length).replace('.', '-').toLowerCase())
    expect(await runs.get(run)).toMatchObject({ job: 'print', jobName: 'print' })
    expect(await eventOf(scene, run)).toEqual([
      'CE_COLOUR=red',
      'CE_DATA={"a":1}',
      `CE_ID=${id}`,
      'CE_SOURCE=/apis/v1/namespaces/jobs/pingsources/hourly',
      'CE_SPECVERSION=1.0',
      `CE_TIME=${tickOf(id)?.at.toISOString()}`,
      'CE_TYPE=dev.knative.sources.ping',
      'CONTENT_TYPE=application/json',
      'LEVEL=high',
    ])
  })

  test.each([
    ['no JSON, as the body of an object', { data: 'hello "you"' }, ['CE_DATA={"body":"hello \\"you\\""}']],
    ['nothing, as nothing', {}, []],
  ])('has data that is %s', async (_what, event, expected) => {
    const scene = await setup()
    const { runs } = scene
    const each = await runs.atEachTick({ name: 'print', command: printEvent }, event)
    const id = await tickOfSchedule(scene, 'text', each)
    await using _ = runs.work({ concurrency: 2 })
    const lines = await eventOf(scene, await runOf(scene, id))
    expect(lines.filter((line) => /^(?:CE_DATA|CONTENT_TYPE)=/.test(line))).toEqual(expected)
  })

  test('runs a stored job as it is at the tick', async () => {
    const scene = await setup()
    const { runs, open } = scene
    await runs.jobs.create({ name: 'later', command: ['old'] })
    const id = await tickOfSchedule(scene, 'hourly', await runs.atEachTick({ job: 'later', retryLimit: 0 }))
    await runs.jobs.update('later', { command: ['new'] })
    await using _ = runs.work()
    const run = await readRun(await open(), await runOf(scene, id))
    expect(run?.definition).toMatchObject({ command: ['new'], retryLimit: 0 })
  })

  test('makes one run a tick, also when a worker dies that has just made it', async () => {
    const scene = await setup()
    const { queue, runs, open } = scene
    const id = await tickOfSchedule(scene, 'x', await runs.atEachTick({ name: 'no-program', command: ['true'] }))
    const [job, tick, w] = [await queue.next(), tickOf(id), await open()]
    if (!tick) throw new Error(`${id} is of no tick`)
    const make = () => makeTickRun(job, tick, { w, jobs: runs.jobs })
    const { value } = await make()
    const name = `x-${id.slice('cron.x.'.length).toLowerCase()}`
    const before = await readRun(w, name)
    expect([value, await make()]).toEqual([{ run: name }, { value: { run: name } }])
    expect(await readRun(w, name)).toEqual(before)
    await using _ = runs.work()
    expect(await ended(runs, name)).toMatchObject({ status: 'completed', succeeded: '0' })
    expect((await runs.list()).map((run) => run.name)).toEqual([name])
  })

  test('fails a tick whose name another run has', async () => {
    const scene = await setup()
    const { queue, runs } = scene
    const each = await runs.atEachTick({ name: 'no-program', command: ['true'] })
    const id = await tickOfSchedule(scene, 'x', each)
    const runName = `x-${id.slice('cron.x.'.length).toLowerCase()}`
    await runs.submit({ name: 'no-program', command: ['true'], runName })
    await using _ = runs.work()
    await expect(queue.result(id, { timeoutSeconds: 15 })).rejects.toThrow('taken by a run that is not of this tick')
  })

  test('has names of runs that are short enough, and tell long names apart', async () => {
    const scene = await setup()
    const { runs } = scene
    await using _ = runs.work()
    const each = await runs.atEachTick({ name: 'no-program', command: ['true'] })
    const names = []
    for (const end of ['a', 'b'])
      names.push(await runOf(scene, await tickOfSchedule(scene, 'x'.repeat(62) + end, each)))
    expect(names.map((name) => name.length)).toEqual([53, 53])
    expect(new Set(names).size).toBe(2)
  })

  test.each([
    [
      'when its job was deleted',
      async ({ runs }: Scene) => void (await runs.jobs.delete('later')),
      'There is no job "later"',
    ],
    [
      'when its job was changed so that it does not fit',
      async ({ runs }: Scene) =>
        void (await runs.jobs.update('later', { image: undefined, command: ['x'], mode: 'daemon' })),
      'left out with the mode daemon',
    ],
  ])('fails a tick at once %s, and says why', async (_when, change, why) => {
    const scene = await setup()
    const { queue, runs } = scene
    await runs.jobs.create({ name: 'later', command: ['x'] })
    const id = await tickOfSchedule(scene, 'x', await runs.atEachTick({ job: 'later', retryLimit: 1 }))
    await change(scene)
    await using _ = runs.work()
    await expect(queue.result(id, { timeoutSeconds: 15 })).rejects.toThrow(why)
  })

  test('whose jobs are no runs fails, and says so', async () => {
    const scene = await setup()
    const id = await tickOfSchedule(scene, 'x', { job: { n: 1 }, options: { attempts: 20 } })
    await using _ = scene.runs.work()
    await expect(scene.queue.result(id, { timeoutSeconds: 15 })).rejects.toThrow('does not say what is run')
  })
})

describe('what runs at each tick', () => {
  test.each([
    [{ job: 'none' }, {}, 'There is no job "none"'],
    [{ name: 'x', command: [] }, {}, 'Expected an `image`'],
    [{ name: 'x', command: ['x'], runName: 'mine' }, {}, 'Expected `runName` to be left out'],
    [{ name: 'x', command: ['x'] }, { data: 'x'.repeat(4097) }, 'Expected `data` to be text of at most 4096 bytes'],
    [{ name: 'x', command: ['x'] }, { data: '\0' }, 'without NUL'],
    [{ name: 'x', command: ['x'] }, { contentType: 'ü' }, 'Expected `contentType`'],
    [{ name: 'x', command: ['x'] }, { extensions: { id: '1' } }, 'other attributes than those of every event'],
    [{ job: 'stored', image: 'other' }, {}, "Expected `image` to be the job's"],
    [
      {
        name: 'x',
        command: ['x'],
        environment: [{ kind: 'all', from: 'secret', reference: 'none', prefix: '' }] as const,
      },
      {},
      'There is no secret "none"',
    ],
  ])('cannot be %j with %j', async (request, event, why) => {
    const { runs } = await setup()
    await runs.jobs.create({ name: 'stored', image: 'docker.io/library/busybox' })
    expect((await refusal(runs.atEachTick(request, event))).message).toContain(why)
  })

  test('may be a job that is not stored yet', async () => {
    const { runs } = await setup()
    expect(await runs.atEachTick({ job: 'later' }, {}, { force: true })).toEqual({
      job: { run: { job: 'later', overrides: {}, extensions: {} } },
      options: { attempts: 20 },
    })
  })
})

test('the job of a tick has the id that says so', () => {
  expect(tickId({ schedule: 'x', at: new Date('2027-01-31T08:00:00Z') })).toBe('cron.x.20270131T0800Z')
})
