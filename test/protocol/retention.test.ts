import { expect, test } from 'vitest'
import { expiriesOf } from '../../src/protocol/retention.ts'
import {
  assetsPrefix,
  claimKey,
  historyPrefix,
  inputKey,
  liveKey,
  metadataKey,
  resultKey,
  storedKey,
} from '../../src/protocol/keys.ts'

const daysOf = (key: string, prefix = ''): number | undefined =>
  expiriesOf(prefix, 20).find((expiry) => key.startsWith(expiry.prefix))?.days

test('a day more than was asked for covers every delay, and fates outlive what a late message could repeat by 30 days', () => {
  const passing = [
    inputKey('a'),
    storedKey('a'),
    liveKey('a'),
    metadataKey('a', 'b'),
    historyPrefix('a'),
    assetsPrefix('a', 1, 'b'),
  ]
  expect(passing.map((key) => daysOf(key))).toEqual(passing.map(() => 21))
  expect([resultKey('a'), claimKey('a')].map((key) => daysOf(key))).toEqual([51, 51])
})

test('only keys of the queue’s own prefix go, and none of its users’', () => {
  expect(daysOf(`team/${inputKey('a')}`, 'team/')).toBe(21)
  expect([inputKey('a'), `other/${inputKey('a')}`, 'team/photos/cat.jpg'].map((key) => daysOf(key, 'team/'))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
