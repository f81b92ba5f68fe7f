import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expiriesOf } from '../../src/protocol/retention.ts'
import { refusal } from '../queue/setup.ts'
import { type Setup, setup } from './setup.ts'

const folders = ['assets/', 'history/', 'inputs/', 'live/', 'logs/', 'metadata/', 'stored/', 'claims/', 'results/']
/** One of somebody else, of each kind that S3 lets be. */
const others: LifecycleRule[] = [
  { ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } },
  {
    ID: 'remotejob-of-somebody',
    Status: 'Disabled',
    Filter: { And: { Prefix: 'x/', Tags: [{ Key: 'a', Value: 'b' }] } },
    Transitions: [{ Days: 30, StorageClass: 'GLACIER' }],
  },
]

describe('a retention', () => {
  test('is rules for every folder, the fates staying 30 days longer, in one write of a bucket that is made', async () => {
    const fresh = await setup()
    await fresh.open({ expiries: expiriesOf('', 60) }).ready()
    const { rules } = clientOf(fresh)
    const found = await rules()
    expect(daysOf(found)).toEqual({
      ...Object.fromEntries(folders.map((folder) => [folder, 61])),
      'claims/': 91,
      'results/': 91,
      '': undefined,
    })
    expect(found.map(({ ID }) => ID)).toEqual([
      'remotejob-abandoned-uploads',
      ...folders.map((folder) => `remotejob-retention-${folder}`),
    ])
    // The look was the test's own.
    expect([count(fresh, 'Get'), count(fresh, 'Put')]).toEqual([1, 1])
  })

  test('keeps the rules of others as they are', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    const { rules, put } = clientOf(fresh)
    await put(others)
    await fresh.open({ expiries: expiriesOf('', 15) }).ready()
    const found = await rules()
    expect(found.slice(0, 2)).toEqual(others)
    expect(daysOf(found)).toMatchObject({ 'tmp/': 3, 'inputs/': 16, 'results/': 46 })
  })

  test('keeps what else S3 keeps with the rules', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    fresh.emulator.fail({
      operation: 'GetBucketLifecycleConfiguration',
      answer: {
        status: 200,
        headers: { 'x-amz-transition-default-minimum-object-size': 'varies_by_storage_class' },
        body: '<LifecycleConfiguration></LifecycleConfiguration>',
      },
    })
    await fresh.open({ expiries: expiriesOf('', 15) }).ready()
    const write = fresh.emulator.requests.findLast(({ operation }) => operation === 'PutBucketLifecycleConfiguration')
    expect(write?.headers['x-amz-transition-default-minimum-object-size']).toBe('varies_by_storage_class')
  })

  test('of queues that share a bucket is a set of rules for each prefix', async () => {
    const fresh = await setup()
    await fresh.open({ expiries: expiriesOf('a/', 15) }).ready()
    await fresh.open({ expiries: expiriesOf('b/c/', 20) }).ready()
    await fresh.open({ expiries: expiriesOf('', 30) }).ready()
    const found = await clientOf(fresh).rules()
    expect(daysOf(found)).toMatchObject({ 'a/inputs/': 16, 'b/c/inputs/': 21, 'inputs/': 31, 'b/c/results/': 51 })
    expect(found).toHaveLength(1 + 3 * folders.length)
  })

  test('that is there already is not written again; another one is changed, and none leaves it', async () => {
    const fresh = await setup()
    await fresh.open({ expiries: expiriesOf('', 60) }).ready()
    await fresh.open({ expiries: expiriesOf('', 60) }).ready()
    await fresh.open().ready()
    expect([count(fresh, 'Get'), count(fresh, 'Put')]).toEqual([1, 1])
    await fresh.open({ expiries: expiriesOf('', 90) }).ready()
    const { rules } = clientOf(fresh)
    expect(daysOf(await rules())).toMatchObject({ 'inputs/': 91, 'results/': 121 })
    expect(await rules()).toHaveLength(1 + folders.length)
  })

  test('that somebody switched off is put in force again', async () => {
    const fresh = await setup()
    await fresh.open({ expiries: expiriesOf('', 60) }).ready()
    const { rules, put } = clientOf(fresh)
    await put((await rules()).map((rule) => ({ ...rule, Status: 'Disabled' })))
    await fresh.open({ expiries: expiriesOf('', 60) }).ready()
    const ours = (await rules()).filter(({ ID }) => ID?.startsWith('remotejob-retention-'))
    expect(new Set(ours.map(({ Status }) => Status))).toEqual(new Set(['Enabled']))
  })

  test('is nothing that one who only uses what is there looks at', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    fresh.emulator.reset()
    await fresh.open({ provision: 'never', expiries: expiriesOf('', 60) }).ready()
    expect([count(fresh, 'Get'), count(fresh, 'Put')]).toEqual([0, 0])
  })

  test.each([
    ['GetBucketLifecycleConfiguration', 's3:GetLifecycleConfiguration'],
    ['PutBucketLifecycleConfiguration', 's3:PutLifecycleConfiguration'],
  ])('without the permission for %s is refused, and what to do is told', async (operation, permission) => {
    const fresh = await setup()
    await fresh.open().ready()
    fresh.emulator.fail({ operation, answer: { status: 403, code: 'AccessDenied', message: 'Access Denied' } })
    const error = await refusal(fresh.open({ expiries: expiriesOf('', 60) }).ready())
    expect([error.code, error.message]).toEqual([
      'ACCESS_DENIED',
      `Access denied: these credentials lack ${permission} on bucket "${fresh.place.bucket}"; grant it, or give \`retentionDays\` only where the bucket is provisioned`,
    ])
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('on a server without lifecycle rules is refused, and what to do is told', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    const answer = { status: 501, code: 'NotImplemented' }
    fresh.emulator.fail({ operation: 'GetBucketLifecycleConfiguration', answer })
    const error = await refusal(fresh.open({ expiries: expiriesOf('', 60) }).ready())
    expect([error.code, error.message]).toEqual([
      'UNSUPPORTED',
      `The server does not support GetBucketLifecycleConfiguration as it was asked for on bucket "${fresh.place.bucket}" (NotImplemented); leave out \`retentionDays\`, and remove old objects by the means of that server`,
    ])
  })
})

function count({ emulator }: Setup, verb: 'Get' | 'Put'): number {
  return emulator.count(`${verb}BucketLifecycleConfiguration`)
}

function daysOf(rules: readonly LifecycleRule[]): Record<string, number | undefined> {
  return Object.fromEntries(rules.map(({ Filter, Expiration }) => [Filter?.Prefix ?? '?', Expiration?.Days]))
}

/** The SDK itself, to see what was made. */
function clientOf({ emulator, place }: Setup) {
  const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
  onTestFinished(() => s3.destroy())
  const Bucket = place.bucket
  return {
    async rules(): Promise<LifecycleRule[]> {
      const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
      return Rules
    },
    async put(Rules: LifecycleRule[]): Promise<void> {
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    },
  }
}
