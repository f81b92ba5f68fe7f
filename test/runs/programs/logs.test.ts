import { describe, expect, it, vi } from 'vitest'
import type { Queue } from '../../../src/index.ts'
import { grounds, refusal, useStage } from '../../queue/setup.ts'
import { running, script } from './setup.ts'

/** What logs say, as `attempt stream text`; pieces of one log in a row as one. */
async function said(queue: Queue, id: string, options: Parameters<Queue['logs']>[1] = {}): Promise<string[]> {
  const lines: string[] = []
  let last = ''
  for await (const { attempt, stream, bytes } of queue.logs(id, options)) {
    const text = Buffer.from(bytes).toString()
    if (last === `${attempt} ${stream}`) lines.push(lines.pop() + text)
    else lines.push(`${attempt} ${stream} ${text}`)
    last = `${attempt} ${stream}`
  }
  return lines
}

const waiting = { timeoutSeconds: 30 }

describe.skipIf(process.platform === 'win32').each(grounds)('the logs of a program on $ground', ({ start }) => {
  const stage = useStage(start)

  it('are read while it runs, over all attempts, until the job has ended', { timeout: 30_000 }, async () => {
    const { queue, another } = await stage.setup()
    const { id } = await queue.submit({})
    const following = said(another(), id, { follow: true })
    const text = 'echo out $JOB_ATTEMPT; sleep 1.5; echo err $JOB_ATTEMPT >&2; [ $JOB_ATTEMPT = 2 ]'
    await using _ = running(queue, script(text))
    const all = ['1 stdout out 1\n', '1 stderr err 1\n', '2 stdout out 2\n', '2 stderr err 2\n']
    expect(await following).toEqual(all)
    expect(await said(queue, id)).toEqual(all)
    expect(await said(queue, id, { attempt: 2, stream: 'stderr' })).toEqual(['2 stderr err 2\n'])
  })

  it('are there before the job has ended', async () => {
    const { queue, another } = await stage.setup()
    const { id } = await queue.submit({})
    await using _ = running(queue, script('echo began; sleep 60'))
    await vi.waitFor(async () => expect(await said(another(), id)).toEqual(['1 stdout began\n']), 15_000)
    expect(await queue.status(id)).not.toBe('completed')
  })

  it('of a short run are its assets and cost no object, also after an attempt that failed', async () => {
    const { queue, keys } = await stage.setup()
    const { id } = await queue.submit({})
    await using _ = running(queue, script('echo try $JOB_ATTEMPT; [ $JOB_ATTEMPT = 2 ]'))
    await queue.result(id, waiting)
    expect(await said(queue, id)).toEqual(['1 stdout try 1\n', '2 stdout try 2\n'])
    expect((await keys('logs/')).length).toBe(1)
    const quiet = await queue.submit({})
    await quiet.result(waiting).catch(() => {})
    expect((await keys('logs/')).filter((key) => key.includes(`${quiet.id}/`)).length).toBeLessThanOrEqual(1)
  })

  it(
    'are the newest bytes of a program that is to keep no more, and so are its assets',
    { timeout: 60_000 },
    async () => {
      const { queue, keys } = await stage.setup()
      const { id } = await queue.submit({})
      const lines = 'i=0; while [ $i -lt 60 ]; do head -c 20000 /dev/zero | tr "\\0" a; echo " $i"; i=$((i+1)); done'
      await using _ = running(queue, { ...script(`${lines}; sleep 2`), keepBytes: 100_000 })
      const { assets } = await queue.result(id, waiting)
      const text = (await assets['stdout']?.text()) ?? ''
      expect(text.endsWith(' 59\n')).toBe(true)
      expect(text.length).toBeGreaterThanOrEqual(100_000)
      // Twice as much, and no more than a chunk of a pipe for each of the two.
      expect(text.length).toBeLessThanOrEqual(2 * (100_000 + 65_536))
      const logged = (await said(queue, id)).join('')
      expect(logged.endsWith(' 59\n')).toBe(true)
      // The newest pieces: without the oldest of them there would be too little.
      expect(logged.length).toBeLessThan(1_200_000)
      expect((await keys(`logs/${id}/`)).length).toBeLessThanOrEqual(3)
    },
  )

  it('of a program that prints nothing are empty', async () => {
    const { queue, keys } = await stage.setup()
    const { id } = await queue.submit({})
    await using _ = running(queue, script('exit 0'))
    await queue.result(id, waiting)
    expect([await said(queue, id, { follow: true }), await keys('logs/')]).toEqual([[], []])
  })

  it('of a job that failed for good are not read twice, from its pieces and its assets', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 1 })
    await using _ = running(queue, script('echo out; echo err >&2; exit 1'))
    await queue.result(id, waiting).catch(() => {})
    expect((await said(queue, id)).toSorted()).toEqual(['1 stderr err\n', '1 stdout out\n'])
  })

  it('of a job that nobody asked for are not found', async () => {
    const { queue } = await stage.setup()
    expect(await refusal(said(queue, 'nobody'))).toMatchObject({ code: 'JOB_NOT_FOUND' })
  })
})
