import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastLines } from '../../../src/runs/arrays/last-lines.ts'
import type { RunLogChunk, Runs, RunLogsOptions } from '../../../src/runs.ts'
import { ended, setup, shell, until } from './setup.ts'

/** What each instance printed, by its name and the log's. */
async function textsOf(runs: Runs, options: RunLogsOptions = {}): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for await (const { instance, container, stream, bytes } of runs.logs('run', options)) {
    const name = `${instance}/${container} ${stream}`
    texts[name] = (texts[name] ?? '') + Buffer.from(bytes).toString()
  }
  return texts
}

describe.skipIf(process.platform === 'win32')('the logs of a run', { timeout: 60_000 }, () => {
  test('are those of each instance, one after the other', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    const script = 'echo out $JOB_INDEX; echo err $JOB_INDEX >&2; [ $JOB_INDEX$JOB_INDEX_RETRY_COUNT != 20 ]'
    await runs.submit(shell(script, { arrayIndexes: '2,10', retryLimit: 1 }))
    await ended(runs)
    expect(Object.entries(await textsOf(runs))).toEqual([
      // A try that failed wrote its logs, since it hands back no files.
      ['run-2-0/job stdout', 'out 2\n'],
      ['run-2-0/job stderr', 'err 2\n'],
      ['run-2-1/job stdout', 'out 2\n'],
      ['run-2-1/job stderr', 'err 2\n'],
      ['run-10-0/job stdout', 'out 10\n'],
      ['run-10-0/job stderr', 'err 10\n'],
    ])
    expect(Object.keys(await textsOf(runs, { index: 10 }))).toEqual(['run-10-0/job stdout', 'run-10-0/job stderr'])
    expect(Object.keys(await textsOf(runs, { index: 2, retry: 1 }))).toEqual([
      'run-2-1/job stdout',
      'run-2-1/job stderr',
    ])
  })

  test('are followed to their end, each piece once', async () => {
    const { runs, directory } = await setup()
    await using _worker = runs.work({ concurrency: 3 })
    const script = `echo first $JOB_INDEX; until [ -e ${directory}/go ]; do sleep 0.1; done; echo last $JOB_INDEX`
    await runs.submit(shell(script, { arrayIndexes: '0-2' }))
    const pieces: RunLogChunk[] = []
    for await (const piece of runs.logs('run', { follow: true })) {
      pieces.push(piece)
      const firsts = pieces.filter(({ bytes }) => Buffer.from(bytes).toString().startsWith('first'))
      // All of them are seen before any has ended.
      if (firsts.length === 3) await writeFile(`${directory}/go`, '')
    }
    const of = (index: number): string =>
      pieces
        .filter((piece) => piece.index === index)
        .map(({ bytes }) => Buffer.from(bytes).toString())
        .join('')
    expect([0, 1, 2].map(of)).toEqual(['first 0\nlast 0\n', 'first 1\nlast 1\n', 'first 2\nlast 2\n'])
    expect((await ended(runs)).status).toBe('completed')
  })

  test('of one try end with it, though its index is tried again', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    await runs.submit(shell('echo $JOB_INDEX_RETRY_COUNT; [ $JOB_INDEX_RETRY_COUNT = 0 ] && exit 1; exec sleep 60'))
    expect(await textsOf(runs, { index: 0, retry: 0, follow: true })).toEqual({ 'run-0-0/job stdout': '0\n' })
    await runs.delete('run')
  })

  test('end with a few lines of each instance, where only those are wanted', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    await runs.submit(shell('printf "1\\n2\\n3\\n"', { arrayIndexes: '0-1' }))
    await ended(runs)
    expect(await textsOf(runs, { tail: 2 })).toEqual({ 'run-0-0/job stdout': '2\n3\n', 'run-1-0/job stdout': '2\n3\n' })
    expect(await textsOf(runs, { tail: 0 })).toEqual({})
    expect(await textsOf(runs, { tail: 9 })).toEqual({
      'run-0-0/job stdout': '1\n2\n3\n',
      'run-1-0/job stdout': '1\n2\n3\n',
    })
  })

  test('end when whoever follows has had enough, or the run is deleted', async () => {
    const { runs } = await setup()
    await using _worker = runs.work()
    await runs.submit(shell('echo here; exec sleep 60', { mode: 'daemon' }))
    await until(runs, 'run', ({ running }) => running === '0')
    const enough = new AbortController()
    const reading = async (): Promise<void> => {
      for await (const _ of runs.logs('run', { follow: true, signal: enough.signal })) enough.abort(new Error('enough'))
    }
    await expect(reading()).rejects.toThrow('enough')
    const deleted = textsOf(runs, { follow: true })
    await runs.delete('run')
    expect(await deleted).toEqual({ 'run-0-0/job stdout': 'here\n' })
  })
})

test('logs of nothing are refused', async () => {
  const { runs } = await setup()
  await expect(textsOf(runs)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await runs.submit(shell('exit 0', { arrayIndexes: '3-5' }))
  expect(await textsOf(runs)).toEqual({})
  await expect(textsOf(runs, { index: 2 })).rejects.toThrow("Expected `index` to be one of the run's, 3-5, got 2")
  for (const which of [
    { index: 2, retry: 0 },
    { index: 3, retry: 0 },
    { index: 3, retry: 1 },
  ])
    await expect(textsOf(runs, which)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `There is no instance "run-${which.index}-${which.retry}" of the run "run", or not yet`,
    })
  await expect(textsOf(runs, { tail: -1 })).rejects.toThrow('Expected `tail`')
})

test('the last lines of pieces are those of the whole text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n') })
  fc.assert(
    fc.property(fc.array(text), fc.nat(6), (texts, count) => {
      const kept = lastLines(
        texts.map((one) => ({ bytes: Buffer.from(one) })),
        count,
      )
      const lines = texts.join('').match(/[^\n]*\n|[^\n]+$/g) ?? []
      const wanted = count === 0 ? '' : lines.slice(-count).join('')
      expect(kept.map(({ bytes }) => Buffer.from(bytes).toString()).join('')).toBe(wanted)
    }),
  )
})
