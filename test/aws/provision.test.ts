import { CreateQueueCommand, GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Setup, setup } from './setup.ts'

describe('from nothing', () => {
  test('the bucket and the queues are made, as SQS allows at most', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    expect(made(fresh)).toEqual(['CreateBucket', 'CreateQueue', 'CreateQueue', 'CreateQueue', 'CreateQueue'])
    const { attributes } = clients(fresh)
    expect(await attributes(`${fresh.place.pendingQueue}`)).toMatchObject({
      MessageRetentionPeriod: '1209600',
      VisibilityTimeout: '30',
      ReceiveMessageWaitTimeSeconds: '20',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${fresh.place.deadLetterQueue}`,
        maxReceiveCount: 10,
      }),
    })
    for (const queue of [fresh.place.deadLetterQueue, fresh.place.queues.get('completed') ?? '']) {
      const found = await attributes(queue)
      expect(found).toMatchObject({ MessageRetentionPeriod: '1209600' })
      expect(found).not.toHaveProperty('RedrivePolicy')
    }
  })

  test('uploads that nobody finished are forgotten after a week', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    const { s3 } = clients(fresh)
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: fresh.place.bucket }))
    expect(Rules).toMatchObject([{ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }])
  })

  test('no permissions are given to anybody, and no location is named in us-east-1', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    expect(
      fresh.emulator.requests.filter(({ headers }) => Object.keys(headers).some((name) => /acl|grant/.test(name))),
    ).toEqual([])
    expect(fresh.emulator.requests.find(({ operation }) => operation === 'CreateBucket')?.body).toBe('')
  })

  test('in another region the bucket is made there', async () => {
    const fresh = await setup()
    await fresh.open({}, { region: 'eu-central-1' }).ready()
    const create = fresh.emulator.requests.find(({ operation }) => operation === 'CreateBucket')
    expect(create?.body).toContain('<LocationConstraint>eu-central-1</LocationConstraint>')
  })

  test('a server without lifecycle rules is no hindrance', async () => {
    const fresh = await setup()
    fresh.emulator.fail({
      operation: 'PutBucketLifecycleConfiguration',
      answer: { status: 501, code: 'NotImplemented' },
    })
    await fresh.open().ready()
  })

  test('what failed can be tried again', async () => {
    const fresh = await setup()
    const opened = fresh.open()
    fresh.emulator.fail({ operation: 'CreateQueue', times: 4, answer: { status: 400, code: 'AccessDeniedException' } })
    await expect(opened.ready()).rejects.toThrow(
      `Access denied: these credentials lack sqs:CreateQueue on queue "${fresh.place.deadLetterQueue}"`,
    )
    expect(fresh.emulator.count('CreateQueue')).toBe(4)
    fresh.emulator.reset()
    await opened.ready()
    await opened.pending.send({ body: 'works' })
  })

  test('queues that SQS does not know at once are waited for', async () => {
    const fresh = await setup()
    const unknown = { status: 400, code: 'QueueDoesNotExist' } as const
    fresh.emulator.fail({
      operation: 'GetQueueUrl',
      key: fresh.place.deadLetterQueue,
      from: 2,
      times: 2,
      answer: unknown,
    })
    fresh.emulator.fail({ operation: 'SetQueueAttributes', answer: unknown })
    const opened = fresh.open()
    await opened.ready()
    await opened.pending.send({ body: 'works' })
  })

  test('a queue that was deleted a moment ago says how long to wait', async () => {
    const fresh = await setup()
    fresh.emulator.fail({ operation: 'CreateQueue', answer: { status: 400, code: 'QueueDeletedRecently' } })
    await expect(fresh.open().ready()).rejects.toThrow('lets it be made again after 60 seconds')
  })
})

describe('where all is there', () => {
  test('nothing is made or changed', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    fresh.emulator.reset()
    await fresh.open().ready()
    expect(fresh.emulator.requests.map(({ operation }) => operation).toSorted()).toEqual(
      ['HeadBucket', 'PutObject', ...Array<string>(4).fill('GetQueueUrl'), 'GetQueueAttributes'].toSorted(),
    )
  })

  test('many provisioners at once all succeed', async () => {
    const fresh = await setup()
    await Promise.all(Array.from({ length: 8 }, (_, index) => fresh.open({ leaseSeconds: 30 + index }).ready()))
    await fresh.open().ready()
  })

  test('a bucket that somebody is making at this moment is taken as found', async () => {
    const fresh = await setup()
    fresh.emulator.fail({ operation: 'CreateBucket', when: 'after', answer: { status: 409, code: 'OperationAborted' } })
    await fresh.open().ready()
    const other = await setup()
    other.emulator.fail({
      operation: 'CreateBucket',
      when: 'after',
      answer: { status: 409, code: 'BucketAlreadyOwnedByYou' },
    })
    await other.open().ready()
    expect(other.emulator.count('PutBucketLifecycleConfiguration')).toBe(0)
  })

  test("remotejob 2's queues keep what they have, and get a dead-letter queue", async () => {
    const fresh = await setup()
    const { sqs, attributes } = clients(fresh)
    const old = { ReceiveMessageWaitTimeSeconds: '20', VisibilityTimeout: '30' }
    await sqs.send(new CreateQueueCommand({ QueueName: fresh.place.pendingQueue, Attributes: old }))
    await fresh.open({ leaseSeconds: 60 }).ready()
    expect(await attributes(`${fresh.place.pendingQueue}`)).toMatchObject({
      ...old,
      MessageRetentionPeriod: '345600',
      RedrivePolicy: expect.stringContaining(fresh.place.deadLetterQueue),
    })
  })

  test.each([
    [5, 10, 10],
    [50, 10, 50],
    ['5', 10, 10],
    [10, 5000, 1000],
  ])(
    'an own limit of %j receives, where %i are wanted, ends as %i, with its own dead-letter queue',
    async (own, wanted, end) => {
      const fresh = await setup()
      const { sqs, attributes } = clients(fresh)
      await sqs.send(new CreateQueueCommand({ QueueName: 'graveyard' }))
      const policy = { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:graveyard', maxReceiveCount: own }
      const Attributes = { RedrivePolicy: JSON.stringify(policy) }
      await sqs.send(new CreateQueueCommand({ QueueName: fresh.place.pendingQueue, Attributes }))
      await fresh.open({ maxReceives: wanted }).ready()
      const { RedrivePolicy = '' } = await attributes(`${fresh.place.pendingQueue}`)
      expect(JSON.parse(RedrivePolicy)).toEqual({ ...policy, maxReceiveCount: end })
    },
  )

  test('one who may not look at attributes goes on, unless something had to be made', async () => {
    const fresh = await setup()
    const noLook = {
      operation: 'GetQueueAttributes',
      times: Infinity,
      answer: { status: 400, code: 'AccessDeniedException' },
    } as const
    fresh.emulator.fail(noLook)
    await expect(fresh.open().ready()).rejects.toThrow('lack sqs:GetQueueAttributes')
    await fresh.open().ready()
  })

  test('one who may not write the probe goes on', async () => {
    const fresh = await setup()
    fresh.emulator.fail({
      operation: 'PutObject',
      key: 'probe/if-none-match',
      answer: { status: 403, code: 'AccessDenied' },
    })
    await fresh.open().ready()
  })
})

describe("with `provision: 'never'`", () => {
  test('what is missing is named, with what to do', async () => {
    const fresh = await setup()
    const nobody = fresh.open({ provision: 'never' })
    await expect(nobody.ready()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await fresh.open().ready()
    await nobody.ready()
    const other = fresh.open({ provision: 'never', queues: new Map([['pending', 'nowhere']]) })
    await expect(other.ready()).rejects.toThrow(
      "The queue \"nowhere\" does not exist, and `provision` is 'never': call ready() once with `provision: 'auto'` and credentials that may create it",
    )
    const bucket = fresh.open({ provision: 'never', bucket: 'remotejobs-nowhere' })
    await expect(bucket.ready()).rejects.toThrow('The bucket "remotejobs-nowhere" does not exist')
  })

  test('nothing is made, written or changed', async () => {
    const fresh = await setup()
    await fresh.open().ready()
    fresh.emulator.reset()
    await fresh.open({ provision: 'never', maxReceives: 99 }).ready()
    expect(fresh.emulator.requests.map(({ operation }) => operation).toSorted()).toEqual([
      ...Array<string>(4).fill('GetQueueUrl'),
      'HeadBucket',
    ])
  })
})

function made({ emulator }: Setup): string[] {
  return emulator.requests.flatMap(({ operation }) => (operation.startsWith('Create') ? [operation] : [])).toSorted()
}

/** The SDK itself, to see what was made. */
function clients({ emulator }: Setup) {
  const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
  const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
  onTestFinished(() => {
    s3.destroy()
    sqs.destroy()
  })
  const attributes = async (QueueName: string): Promise<Record<string, string>> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }))
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
    return Attributes
  }
  return { s3, sqs, attributes }
}
