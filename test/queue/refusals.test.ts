import { describe, expect, test } from 'vitest'
import type { JobOptions } from '../../src/index.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('what is refused, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  test('an unknown status, by every verb that takes one, before anything is done', async () => {
    const { queue, keys } = await setup()
    const words = 'No queue for status "zzz"; this queue has "pending", "completed", "failed"'
    for (const call of [
      () => queue.next('zzz'),
      () => queue.next('zzz', { waitSeconds: 0 }),
      () => queue.trigger('zzz', 'x'),
      () => Array.fromAsync(queue.jobs('zzz')),
    ]) {
      expect(await refusal(call())).toMatchObject({ code: 'UNKNOWN_STATUS', message: words })
    }
    expect(await keys()).toEqual([])
  })

  test('submit, on a queue that has no `pending`', async () => {
    const { queue, keys } = await setup({ statuses: ['completed'] })
    const error = await refusal(queue.submit({ n: 1, body: 'x' }))
    expect(error).toMatchObject({
      code: 'UNKNOWN_STATUS',
      message: 'No queue for status "pending"; this queue has "completed"',
    })
    expect(await keys()).toEqual([])
  })

  test.each(['../x', '', '.', '..', 'a..b', 'a/b', 'a b', 'é', 'x'.repeat(129), 'a\u0000', 'a\n', 5, null, {}])(
    '%j as an id, by every verb that takes one',
    async (id) => {
      const { queue, keys } = await setup()
      const given = id as string
      for (const call of [
        () => queue.submit({ body: 'x' }, { id: given }),
        () => queue.status(given),
        () => queue.result(given),
        () => queue.cancel(given),
      ]) {
        const error = await refusal(call())
        expect(error).toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining(
            'Expected `id` to be 1 to 128 letters, digits, ".", "_" or "-", without "..", got ',
          ),
        })
      }
      expect(await keys()).toEqual([])
    },
  )

  test('ids that are kept for schedules and runs', async () => {
    const { queue } = await setup()
    for (const id of ['cron.x', 'run.x.1']) {
      expect(await refusal(queue.submit({ n: 1 }, { id }))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Ids that begin with "cron." or "run." are kept for schedules and runs, got "${id}"`,
      })
    }
    expect(await queue.status('cron.x')).toBeUndefined()
  })

  test.each([
    '',
    '/x',
    'a/../b',
    './x',
    '..',
    'a\u0000b',
    'a\u007fb',
    'x\ud800',
    'x'.repeat(897),
    'é'.repeat(449),
    5,
    {},
  ])('%j as a key, by every verb that takes one', async (key) => {
    const { queue } = await setup()
    const given = key as string
    for (const call of [
      () => queue.store({ key: given, body: 'x' }),
      () => queue.submit({ key: given, body: 'x' }),
      () => queue.submit({ key: given }),
      () => queue.trigger('pending', given),
      () => queue.retrieve(given),
      () => queue.remove(given),
    ]) {
      expect(await refusal(call())).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^Expected `key` to be an object's key: .+, got /),
      })
    }
  })

  const jobOptions: [JobOptions | Record<string, unknown>, string][] = [
    [{ delaySeconds: 31_536_001 }, 'Expected `delaySeconds` to be an integer from 0 to 31536000, got 31536001'],
    [{ runAt: new Date(Number.NaN) }, 'Expected `runAt` to be a valid Date, at most a year from now, got Invalid Date'],
    [{ runAt: '2026-01-01' }, 'Expected `runAt` to be a valid Date, at most a year from now, got "2026-01-01"'],
    [{ runAt: new Date(0), delaySeconds: 0 }, 'Expected one of `delaySeconds` and `runAt`, got both'],
    [{ delaySeconds: -1 }, 'Expected `delaySeconds` to be an integer from 0 to 31536000, got -1'],
    [{ delaySeconds: '5' }, 'Expected `delaySeconds` to be an integer from 0 to 31536000, got "5"'],
    [{ expiresSeconds: 0 }, 'Expected `expiresSeconds` to be an integer from 1 to 31536000, got 0'],
    [{ attempts: 0 }, 'Expected `attempts` to be an integer from 1 to 1000, got 0'],
    [{ attempts: 1.5 }, 'Expected `attempts` to be an integer from 1 to 1000, got 1.5'],
    [{ attempts: Number.NaN }, 'Expected `attempts` to be an integer from 1 to 1000, got NaN'],
    [{ timeoutSeconds: Infinity }, 'Expected `timeoutSeconds` to be an integer from 1 to 31536000, got Infinity'],
    [{ group: '' }, 'Expected `group` to be 1 to 128 printable ASCII characters, got ""'],
    [{ group: 'a b' }, 'Expected `group` to be 1 to 128 printable ASCII characters, got "a b"'],
    [{ group: 'x'.repeat(129) }, 'Expected `group` to be 1 to 128 printable ASCII characters, got "xxx'],
  ]
  test.each(jobOptions)(
    '%o for a job: the message names the option, its range and the value',
    async (options, words) => {
      const { queue, keys } = await setup()
      const key = await queue.store({ key: 'mine', body: 'x' })
      for (const call of [() => queue.submit({ body: 'x' }, options), () => queue.trigger('pending', key, options)]) {
        const error = await refusal(call())
        expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining(words)])
      }
      expect(await keys()).toEqual(['mine'])
    },
  )

  test('times to wait that are none', async () => {
    const { queue } = await setup()
    const { id } = await queue.submit({ n: 1 })
    for (const seconds of [-1, Number.NaN]) {
      expect(await refusal(queue.next('pending', { waitSeconds: seconds }))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Expected \`waitSeconds\` to be a number of seconds from 0, got ${seconds}`,
      })
      expect(await refusal(queue.result(id, { timeoutSeconds: seconds }))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Expected \`timeoutSeconds\` to be a number of seconds from 0, got ${seconds}`,
      })
    }
  })

  test('holding for too short or too long, and progress that is not JSON', async () => {
    const { queue } = await setup()
    await queue.submit({ n: 1 })
    const job = await nextOf(queue)
    for (const seconds of [2, 43_201, 3.5]) {
      expect(() => job.hold(seconds)).toThrow(
        `Expected \`leaseSeconds\` to be an integer from 3 to 43200, got ${seconds}`,
      )
    }
    expect(await refusal(job.progress(new Map()))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('`progress`'),
    })
    await job.complete()
  })
})
