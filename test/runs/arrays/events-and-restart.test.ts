import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { ended, setup, shell, until } from './setup.ts'

describe.skipIf(process.platform === 'win32')('a run', { timeout: 60_000 }, () => {
  test('has events, the oldest first, with their times', async () => {
    const { runs } = await setup()
    await runs.submit(shell('[ $JOB_INDEX_RETRY_COUNT = 1 ] || exit 4', { arrayIndexes: '7' }))
    expect(await runs.events('run')).toMatchObject([{ kind: 'submitted', instance: undefined }])
    await using _worker = runs.work()
    const { submittedAt, finishedAt } = await ended(runs)
    const events = await runs.events('run')
    expect(events.map(({ kind, instance, index, reason }) => [kind, instance, index, reason])).toEqual([
      ['submitted', undefined, undefined, undefined],
      ['started', 'run-7-0', 7, undefined],
      ['failed', 'run-7-0', 7, 'ContainerExitedCode4'],
      ['retried', 'run-7-1', 7, undefined],
      ['succeeded', 'run-7-1', 7, undefined],
      ['finished', undefined, undefined, undefined],
    ])
    const times = events.map(({ at }) => at.getTime())
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect([times[0], times.at(-1)]).toEqual([submittedAt.getTime(), finishedAt?.getTime()])
  })

  test('that is restarted stops what runs and begins it anew, at no cost of a try', async () => {
    const { runs, directory } = await setup()
    await using _worker = runs.work()
    // Its first life is told to end, and ends well; that is not its success.
    const script = `echo $JOB_INDEX_RETRY_COUNT >> ${directory}/lives; trap 'exit 0' TERM; [ $(wc -l < ${directory}/lives) = 2 ] && exit 0; while :; do sleep 0.1; done`
    await runs.submit(shell(script, { arrayIndexes: '4', retryLimit: 0 }))
    expect(await runs.restart('run')).toBe('')
    await until(runs, 'run', ({ running }) => running === '4')
    expect(await runs.restart('run')).toBe('4')
    const state = await ended(runs)
    expect(state).toMatchObject({ status: 'completed', indexes: [{ index: 4, status: 'succeeded', retries: 0 }] })
    expect(await readFile(`${directory}/lives`, 'utf8')).toBe('0\n0\n')
    const kinds = (await runs.events('run')).map(({ kind }) => kind)
    expect(kinds).toContain('restarted')
    expect(await runs.restart('run')).toBe('')
  })

  test('that is given back while it begins anew is pending', async () => {
    const { runs, directory } = await setup()
    const worker = runs.work()
    await runs.submit(shell(`echo >> ${directory}/lives; exec sleep 60`, { mode: 'daemon' }))
    await until(runs, 'run', ({ running }) => running === '0')
    await runs.restart('run')
    await expect.poll(() => readFile(`${directory}/lives`, 'utf8'), { timeout: 20_000 }).toBe('\n\n')
    expect(await runs.get('run')).toMatchObject({ status: 'running', running: '0' })
    await worker.close({ timeoutSeconds: 0 })
    expect(await runs.get('run')).toMatchObject({ status: 'pending', running: '', pending: '0' })
    expect(await runs.restart('run')).toBe('')
  })

  test('restarts those alone that run', async () => {
    const { runs, directory } = await setup()
    await using _worker = runs.work({ concurrency: 2 })
    const script = `echo $JOB_INDEX >> ${directory}/lives; [ $JOB_INDEX = 1 ] && exit 0; [ $(grep -c 0 ${directory}/lives) = 2 ] || exec sleep 60`
    await runs.submit(shell(script, { arrayIndexes: '0-1' }))
    await until(runs, 'run', ({ running, succeeded }) => running === '0' && succeeded === '1')
    expect(await runs.restart('run')).toBe('0')
    expect((await ended(runs)).succeeded).toBe('0-1')
    expect((await readFile(`${directory}/lives`, 'utf8')).split('\n').toSorted()).toEqual(['', '0', '0', '1'])
  })
})

test('of a run that there is not, nothing is told', async () => {
  const { runs } = await setup()
  await expect(runs.events('run')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(runs.restart('run')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(runs.resubmit('run')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(runs.wait('run')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(runs.events('No')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})
