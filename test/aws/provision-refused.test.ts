import { describe, expect, test } from 'vitest'
import { hasCode } from '../../src/errors.ts'
import { setup } from './setup.ts'

describe("a bucket that is somebody else's", () => {
  test('is told from one for which a permission is missing', async () => {
    const fresh = await setup()
    fresh.emulator.fail({ operation: 'HeadBucket', times: 2, answer: { status: 403 } })
    fresh.emulator.fail({
      operation: 'ListObjectsV2',
      answer: { status: 403, code: 'AccessDenied', message: 'Access Denied' },
    })
    const taken = await fresh
      .open()
      .ready()
      .catch((error: unknown) => error)
    expect(hasCode(taken, 'BUCKET_TAKEN') && taken.message).toBe(
      `The bucket "${fresh.place.bucket}" exists, but not for these credentials: it belongs to another AWS account (everybody's buckets share one space of names: choose another with \`bucket\`), or s3:ListBucket on it is not granted`,
    )
    const message = 'User: arn:aws:iam::1:user/ann is not authorized to perform: s3:ListBucket on resource: "x"'
    fresh.emulator.fail({ operation: 'ListObjectsV2', answer: { status: 403, code: 'AccessDenied', message } })
    const denied = await fresh
      .open()
      .ready()
      .catch((error: unknown) => error)
    expect(hasCode(denied, 'ACCESS_DENIED') && denied.message).toContain('lack s3:ListBucket on bucket')
    expect(fresh.emulator.count('CreateBucket')).toBe(0)
  })

  test('is found when it is made, too', async () => {
    const fresh = await setup()
    fresh.emulator.fail({ operation: 'CreateBucket', answer: { status: 409, code: 'BucketAlreadyExists' } })
    await expect(fresh.open().ready()).rejects.toMatchObject({
      code: 'BUCKET_TAKEN',
      message: `The bucket "${fresh.place.bucket}" belongs to another AWS account: everybody's buckets share one space of names, so choose another with \`bucket\``,
    })
  })

  test('is kept out by the account that must own it', async () => {
    const fresh = await setup()
    const opened = fresh.open({}, { bucketOwner: '111122223333' })
    await opened.ready()
    await opened.objects.put('key', Buffer.from('body'))
    await opened.objects.get('key')
    await opened.objects.list('')
    const about = fresh.emulator.requests.filter(
      ({ service, operation }) => service === 's3' && operation !== 'CreateBucket',
    )
    expect(about.map(({ headers }) => headers['x-amz-expected-bucket-owner'])).toEqual(about.map(() => '111122223333'))
  })
})

describe('a bucket in another region', () => {
  test('is WRONG_REGION, with its name', async () => {
    const fresh = await setup()
    fresh.emulator.fail({
      operation: 'HeadBucket',
      answer: { status: 301, headers: { 'x-amz-bucket-region': 'ap-south-1' } },
    })
    await expect(fresh.open().ready()).rejects.toMatchObject({
      code: 'WRONG_REGION',
      message: expect.stringContaining('"ap-south-1"'),
    })
  })
})

describe('a store that does not keep conditional writes', () => {
  test('because it ignores them is refused', async () => {
    const fresh = await setup()
    fresh.emulator.ignoreConditions = true
    await expect(fresh.open().ready()).rejects.toMatchObject({
      code: 'CONDITIONAL_WRITES_IGNORED',
      message: `The store of bucket "${fresh.place.bucket}" ignores conditional writes (If-None-Match): it wrote "probe/if-none-match" twice, so it could also record two outcomes of one job. Use Amazon S3 or another store that has them`,
    })
  })

  test('because it does not know them is refused', async () => {
    const fresh = await setup()
    fresh.emulator.fail({ operation: 'PutObject', times: Infinity, answer: { status: 501, code: 'NotImplemented' } })
    await expect(fresh.open().ready()).rejects.toMatchObject({
      code: 'CONDITIONAL_WRITES_IGNORED',
      message: expect.stringContaining('refuses conditional writes'),
    })
  })
})
