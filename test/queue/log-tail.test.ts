import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { LogsOptions, Queue } from '../../src/index.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

async function printed(queue: Queue, id: string, options: LogsOptions): Promise<string> {
  const pieces = await Array.fromAsync(queue.logs(id, options), ({ bytes }) => bytes)
  return Buffer.concat(pieces).toString()
}

describe.each(grounds)('the end of a log, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test.each([0, 1, 4, 5, 9, 10, 11, 14, 15, 99])(
    'of %i bytes is read of pieces and of assets alike',
    async (tailBytes) => {
      const { queue } = await setup()
      const { id } = await queue.submit({})
      const job = await nextOf(queue)
      for (const text of ['first', 'secnd']) {
        const log = job.createLog('notes')
        log.end(text)
        await once(log, 'finish')
      }
      const whole = 'firstsecnd'
      expect(await printed(queue, id, { tailBytes })).toBe(tailBytes === 0 ? '' : whole.slice(-tailBytes))
      await job.complete({ stdout: 'short' })
      expect(await printed(queue, id, { tailBytes })).toBe(tailBytes === 0 ? '' : `${whole}short`.slice(-tailBytes))
      expect(await printed(queue, id, { tailBytes, stream: 'notes' })).toBe(
        tailBytes === 0 ? '' : whole.slice(-tailBytes),
      )
    },
  )

  test('is followed by all that is written later', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({})
    const job = await nextOf(queue)
    const log = job.createLog('notes')
    log.end('before')
    await once(log, 'finish')
    const reading = printed(queue, id, { tailBytes: 2, follow: true })
    const more = job.createLog('notes')
    more.end(' and after')
    await once(more, 'finish')
    await job.complete()
    expect(await reading).toMatch(/^(re and after|er)$/)
  })

  test('is refused where it is no number of bytes', async () => {
    const { queue } = await setup()
    expect(await refusal(printed(queue, 'any', { tailBytes: -1 }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
