import { describe, expect, test } from 'vitest'
import { Runs } from '../../../src/runs.ts'
import { setup } from '../command.ts'
import { ctrlC, open } from '../terminal.ts'

/** No pseudo-terminal of this kind on Windows. */
describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  test('a job is announced and confirmed, and its deletion asked for first', async () => {
    const cli = await setup()
    const runs = new Runs(cli.queue('runs'))
    const create = open(cli, ['job', 'create', '-n', 'sum', '-c', 'sum'])
    expect(await create.ended()).toBe(0)
    expect(create.text()).toBe("Creating job 'sum'...\nOK")

    const kept = open(cli, ['job', 'delete', '-n', 'sum'])
    await kept.sees(/Delete the job "sum" and all its runs\?/)
    kept.type(ctrlC)
    expect(await kept.ended()).toBe(130)
    expect(await runs.jobs.get('sum')).toBeDefined()

    const gone = open(cli, ['job', 'delete', '-n', 'sum', '--orphan-job-runs'])
    await gone.sees(/Delete the job "sum"\?/)
    gone.type('y')
    expect(await gone.ended()).toBe(0)
    expect(gone.text()).toMatch(/Deleting job 'sum'\.\.\.\nOK$/)
    expect(await runs.jobs.get('sum')).toBeUndefined()
  })
})
