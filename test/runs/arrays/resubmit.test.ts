import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { ended, setup, shell, until } from './setup.ts'

describe.skipIf(process.platform === 'win32')('a run that is submitted again', { timeout: 60_000 }, () => {
  test('with `failed` is of the failed indexes alone, which are told the same JOB_ARRAY_SIZE', async () => {
    const { runs, directory } = await setup()
    await using _worker = runs.work()
    const script = `echo $JOB_INDEX/$JOB_ARRAY_SIZE; [ -e ${directory}/mended ] || [ $JOB_INDEX -gt 2 ]`
    await runs.submit(shell(script, { arrayIndexes: '0-5', retryLimit: 0 }))
    expect(await ended(runs)).toMatchObject({ failed: '0-2', succeeded: '3-5' })
    await writeFile(`${directory}/mended`, '')
    const again = await runs.resubmit('run', { failed: true })
    expect(again).toMatch(/^job-jobrun-[0-9a-f]{5}$/)
    expect(await ended(runs, again)).toMatchObject({ status: 'completed', succeeded: '0-2' })
    const said: string[] = []
    for await (const { bytes } of runs.logs(again)) said.push(Buffer.from(bytes).toString())
    expect(said).toEqual(['0/6\n', '1/6\n', '2/6\n'])
    await expect(runs.resubmit(again, { failed: true })).rejects.toThrow(
      /is completed and has no failed index to run again/,
    )
    // What failed of a part keeps the size of the whole, too.
    const third = await runs.resubmit('run', { failed: true, arraySizeOverride: 9 })
    expect((await runs.get(third))?.definition).toMatchObject({ arrayIndexes: '0-2', arraySizeOverride: 9 })
    await expect(runs.resubmit('run', { failed: true, arrayIndexes: '1' })).rejects.toThrow(
      'Expected `arrayIndexes` to be left out with `failed`',
    )
  })

  test('has what is said instead of what the first had, and its environment is merged', async () => {
    const { runs } = await setup()
    const environment = [
      { kind: 'literal', name: 'A', value: '1' },
      { kind: 'literal', name: 'B', value: '2' },
    ] as const
    await runs.submit(shell('exit 0', { environment, arrayIndexes: '0-9', retryLimit: 1 }))
    const name = await runs.resubmit('run', {
      runName: 'other',
      arrayIndexes: '4-5',
      environment: [{ kind: 'literal', name: 'B', value: '3' }],
    })
    expect(name).toBe('other')
    const definition = (await runs.get('other'))?.definition
    expect(definition).toMatchObject({ command: ['sh', '-c', 'exit 0'], arrayIndexes: '4-5', retryLimit: 1 })
    expect(definition?.environment).toEqual([environment[0], { kind: 'literal', name: 'B', value: '3' }])
    await expect(runs.resubmit('run', { runName: 'other' })).rejects.toMatchObject({ code: 'ID_IN_USE' })
  })

  test('keeps its image', async () => {
    const { runs } = await setup()
    await runs.submit({ name: 'job', runName: 'run', image: 'a' })
    await expect(runs.resubmit('run', { image: 'b' })).rejects.toThrow('Expected `image` to be the job')
  })
})

describe('the list of runs', { timeout: 60_000 }, () => {
  test('has counts, by name or with the newest first, of all jobs or of one', async () => {
    const { runs } = await setup()
    expect(await runs.list()).toEqual([])
    await using worker = runs.work({ concurrency: 1 })
    await runs.submit(shell('[ $JOB_INDEX != 3 ]', { runName: 'c', arrayIndexes: '0-3', retryLimit: 0 }))
    await ended(runs, 'c')
    await runs.submit(shell('exec sleep 60', { runName: 'b', name: 'other' }))
    await until(runs, 'b', ({ running }) => running === '0')
    await runs.submit(shell('exit 0', { runName: 'a', arrayIndexes: '0-1' }))
    const none = { failed: 0, pending: 0, requested: 0, running: 0, succeeded: 0, unknown: 0 }
    const list = await runs.list()
    await worker.close({ timeoutSeconds: 0 })
    // Given back, at no cost of a try.
    expect(await runs.get('b')).toMatchObject({ status: 'pending', pending: '0' })
    expect(list).toMatchObject([
      { name: 'a', jobName: 'job', status: 'pending', counts: { ...none, pending: 2 } },
      { name: 'b', jobName: 'other', status: 'running', counts: { ...none, running: 1 } },
      { name: 'c', jobName: 'job', status: 'failed', counts: { ...none, failed: 1, succeeded: 3 } },
    ])
    expect(list[2]?.finishedAt).toBeInstanceOf(Date)
    expect((await runs.list({ sortBy: 'age' })).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect((await runs.list({ job: 'other' })).map(({ name }) => name)).toEqual(['b'])
    // @ts-expect-error -- what JavaScript lets through
    await expect(runs.list({ sortBy: 'size' })).rejects.toThrow('Expected `sortBy` to be one of "name", "age"')
  })
})

describe.skipIf(process.platform === 'win32')('waiting for a run', { timeout: 60_000 }, () => {
  test('tells each look, and ends with the run however it ends', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    await runs.submit(shell('exit 1', { retryLimit: 0 }))
    const seen: string[] = []
    const state = await runs.wait('run', { onState: ({ status }) => seen.push(status) })
    expect(state).toMatchObject({ status: 'failed', failed: '0' })
    expect(seen.at(-1)).toBe('failed')
  })

  test('ends when the time is over, and with the signal, and the run goes on', async () => {
    const { runs } = await setup()
    await runs.submit(shell('exit 0'))
    await expect(runs.wait('run', { timeoutSeconds: 0.3 })).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await expect(runs.wait('run', { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await expect(runs.wait('run', { timeoutSeconds: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect((await runs.get('run'))?.status).toBe('pending')
    const waiting = runs.wait('run')
    await runs.delete('run')
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
