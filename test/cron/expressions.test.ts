import { describe, expect, test } from 'vitest'
import { dueTicks, ticksOf } from '../../src/lifecycle/ticks.ts'
import { refusal } from '../queue/setup.ts'

/** The first ticks after an instant. */
async function ticksAfter(cron: string, from: string, { count = 4, timeZone = 'UTC' } = {}): Promise<string[]> {
  const ticks = await ticksOf({ cron, timeZone })
  const found: string[] = []
  for (let at = ticks.next(Date.parse(from)); at !== undefined && found.length < count; at = ticks.next(at))
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'))
  return found
}

describe('an expression', () => {
  test.each([
    ['*/15 * * * *', ['2027-01-01T00:15Z', '2027-01-01T00:30Z', '2027-01-01T00:45Z', '2027-01-01T01:00Z']],
    ['0/15 * * * *', ['2027-01-01T00:15Z', '2027-01-01T00:30Z', '2027-01-01T00:45Z', '2027-01-01T01:00Z']],
    ['7,0/30 1 * * *', ['2027-01-01T01:00Z', '2027-01-01T01:07Z', '2027-01-01T01:30Z', '2027-01-02T01:00Z']],
    ['0 8-18/5 * * *', ['2027-01-01T08:00Z', '2027-01-01T13:00Z', '2027-01-01T18:00Z', '2027-01-02T08:00Z']],
    ['0 0 * * SUN', ['2027-01-03T00:00Z', '2027-01-10T00:00Z', '2027-01-17T00:00Z', '2027-01-24T00:00Z']],
    ['0 0 * * 7', ['2027-01-03T00:00Z', '2027-01-10T00:00Z', '2027-01-17T00:00Z', '2027-01-24T00:00Z']],
    ['0 0 * * 0', ['2027-01-03T00:00Z', '2027-01-10T00:00Z', '2027-01-17T00:00Z', '2027-01-24T00:00Z']],
    ['0 0 1 feb-APR *', ['2027-02-01T00:00Z', '2027-03-01T00:00Z', '2027-04-01T00:00Z', '2028-02-01T00:00Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z', '2040-02-29T00:00Z']],
    ['  0\t0 13 * 5 ', ['2027-01-08T00:00Z', '2027-01-13T00:00Z', '2027-01-15T00:00Z', '2027-01-22T00:00Z']],
    ['@daily', ['2027-01-02T00:00Z', '2027-01-03T00:00Z', '2027-01-04T00:00Z', '2027-01-05T00:00Z']],
  ])('%s has its times', async (cron, expected) => {
    expect(await ticksAfter(cron, '2027-01-01T00:00:00Z')).toEqual(expected)
  })

  test.each([
    [
      'a time that the clock skips is right after',
      '30 2 * * *',
      '2027-03-27T12:00:00Z',
      ['2027-03-28T01:00Z', '2027-03-29T00:30Z'],
    ],
    [
      'a time that comes twice counts once',
      '30 2 * * *',
      '2027-10-30T12:00:00Z',
      ['2027-10-31T00:30Z', '2027-11-01T01:30Z'],
    ],
    [
      'an interval goes on through the hour that comes twice',
      '*/30 * * * *',
      '2027-10-31T00:15:00Z',
      ['2027-10-31T00:30Z', '2027-10-31T01:00Z', '2027-10-31T01:30Z', '2027-10-31T02:00Z'],
    ],
    [
      'an interval in the hour that is skipped is left out',
      '0,30 1-3 * * *',
      '2027-03-28T00:15:00Z',
      ['2027-03-28T00:30Z', '2027-03-28T01:00Z', '2027-03-28T01:30Z', '2027-03-28T23:00Z'],
    ],
  ])('in Zurich, %s', async (_rule, cron, from, expected) => {
    expect(await ticksAfter(cron, from, { timeZone: 'Europe/Zurich', count: expected.length })).toEqual(expected)
  })

  test.each([
    ['*/0 * * * *', 'a step of 0 would never end'],
    ['1-5/0 * * * *', 'a step of 0 would never end'],
    ['0/0 * * * *', 'a step of 0 would never end'],
    ['60 * * * *', 'a value is outside of 0-59 (minute)'],
    ['* * 32 * *', 'a value is outside of'],
    ['* * * * 8', 'a value is outside of'],
    ['5/15 * * * *', "stepping with numeric prefix ('5/15') is not allowed"],
    ['22-2 * * * *', "From value is larger than to value: '22-2'"],
    ['* * * *', 'minute, hour, day of month, month and day of week are wanted'],
    ['* * * * * *', 'minute, hour, day of month, month and day of week are wanted'],
    ['2027-01-01T00:00:00', 'minute, hour, day of month, month and day of week are wanted'],
    ['', 'minute, hour, day of month, month and day of week are wanted'],
    [undefined, 'minute, hour, day of month, month and day of week are wanted'],
    [`${'1,'.repeat(200)}1 * * * *`, 'minute, hour, day of month, month and day of week are wanted'],
    ['FOO * * * *', 'illegal characters'],
    ['@reboot', 'reboot'],
  ])('%j is refused, and why is said', async (cron, why) => {
    // @ts-expect-error -- anything may be given
    const error = await refusal(ticksOf({ cron, timeZone: 'UTC' }))
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Expected `cron` to be five fields'),
    })
    expect(error.message).toContain(why)
  })
})

describe('ticks that nobody sent', () => {
  const now = Date.parse('2027-01-01T12:30:00Z')
  const due = async (missed: 'skip' | 'once' | 'all', after: string, cron = '0 * * * *') =>
    dueTicks(await ticksOf({ cron, timeZone: 'UTC' }), { after: Date.parse(after), now, missed }).map((at) =>
      new Date(at).toISOString().slice(11, 16),
    )

  test('are left out, are one, or are all of them', async () => {
    expect(await due('skip', '2027-01-01T08:00:00Z')).toEqual([])
    expect(await due('once', '2027-01-01T08:00:00Z')).toEqual(['12:00'])
    expect(await due('all', '2027-01-01T08:00:00Z')).toEqual(['09:00', '10:00', '11:00', '12:00'])
  })

  test.each(['skip', 'once', 'all'] as const)('count as sent late for ten minutes, with %s', async (missed) => {
    expect(await due(missed, '2027-01-01T12:19:00Z', '*/5 * * * *')).toEqual(['12:20', '12:25', '12:30'])
  })

  test('do not keep those from their time that are due', async () => {
    expect(await due('skip', '2027-01-01T08:00:00Z', '*/5 * * * *')).toEqual(['12:20', '12:25', '12:30'])
    expect(await due('once', '2027-01-01T08:00:00Z', '1,30-32 * * * *')).toEqual(['12:30', '12:31', '12:32'])
  })

  test('are so many at once that a look has an end', async () => {
    expect(await due('all', '2026-01-01T00:00:00Z', '* * * * *')).toHaveLength(1000)
  })
})
