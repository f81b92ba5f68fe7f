import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { apart } from '../../src/aws/events/rules.ts'
import type { EventFilter } from '../../src/object-events.ts'
import { refusal } from '../queue/setup.ts'
import { type Setup, setup } from './setup.ts'

const all = { eventType: 'all', prefix: '', suffix: '' } as const

describe('a bucket that is to tell a queue of its objects', () => {
  test('is given a rule with the filter, and the queue a policy that lets S3 send for that bucket alone', async () => {
    const scene = await watching()
    await scene.events.route(scene.bucket, scene.queue, [{ eventType: 'write', prefix: 'photos/', suffix: '.jpg' }])
    expect(await scene.rules()).toEqual([
      {
        Id: expect.stringMatching(new RegExp(`^remotejob\\.${scene.queue}\\.[0-9a-f]{16}$`)),
        QueueArn: scene.arn,
        Events: ['s3:ObjectCreated:*'],
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'prefix', Value: 'photos/' },
              { Name: 'suffix', Value: '.jpg' },
            ],
          },
        },
      },
    ])
    expect(await scene.policy()).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: expect.stringMatching(/^remotejobEvents[0-9a-f]{16}$/),
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: scene.arn,
          Condition: {
            ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${scene.bucket}` },
            StringEquals: { 'aws:SourceAccount': scene.arn.split(':')[4] },
          },
        },
      ],
    })
  })

  test('is written to once, however often it is asked', async () => {
    const scene = await watching()
    for (let times = 0; times < 3; times += 1) await scene.events.route(scene.bucket, scene.queue, [all])
    expect(scene.emulator.count('PutBucketNotificationConfiguration')).toBe(1)
    expect(scene.emulator.count('SetQueueAttributes')).toBe(1)
    expect(await scene.events.isRouted(scene.bucket, scene.queue, [all])).toBe(true)
    expect(await scene.events.isRouted(scene.bucket, scene.queue, [{ ...all, suffix: 'x' }])).toBe(false)
  })

  test('keeps what others are told, and their rights to send; in the end nothing of ours is left', async () => {
    const scene = await watching()
    const others: NotificationConfiguration = {
      QueueConfigurations: [
        // Of a queue whose name begins like ours.
        {
          Id: `remotejob.${scene.queue}-x.0011223344556677`,
          QueueArn: `${scene.arn}-x`,
          Events: ['s3:ObjectRestore:*'],
        },
      ],
      TopicConfigurations: [
        {
          Id: 'theirs',
          TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic',
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'tmp/' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    }
    await scene.put(others)
    const theirs = { Sid: 'theirs', Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: scene.arn }
    await scene.setPolicy({ Version: '2012-10-17', Id: 'kept', Statement: theirs })
    await scene.events.route(scene.bucket, scene.queue, [{ ...all, prefix: 'in/' }])
    expect(await scene.configuration()).toMatchObject({
      TopicConfigurations: others.TopicConfigurations,
      EventBridgeConfiguration: {},
    })
    expect(await scene.rules()).toHaveLength(2)
    expect(await scene.policy()).toMatchObject({ Id: 'kept', Statement: [theirs, {}] })
    await scene.events.route(scene.bucket, scene.queue, [])
    expect(await scene.configuration()).toEqual(others)
    expect(await scene.policy()).toEqual({ Version: '2012-10-17', Id: 'kept', Statement: [theirs] })
  })

  test('is told what is the least that S3 takes, where filters overlap', async () => {
    const scene = await watching()
    const filters: EventFilter[] = [
      { eventType: 'write', prefix: 'a/', suffix: '' },
      { eventType: 'write', prefix: 'b/', suffix: '.png' },
      { eventType: 'write', prefix: 'a/b/', suffix: '.jpg' },
      { eventType: 'delete', prefix: 'a/', suffix: '' },
    ]
    await scene.events.route(scene.bucket, scene.queue, filters)
    expect(await scene.rules()).toHaveLength(3)
    expect(await scene.events.isRouted(scene.bucket, scene.queue, filters.toReversed())).toBe(true)
  })

  test('of which somebody else is told already is refused, with what to do, and nothing is changed', async () => {
    const scene = await watching()
    const others: NotificationConfiguration = {
      TopicConfigurations: [{ Id: 'x', TopicArn: 'arn:aws:sns:us-east-1:0:t', Events: ['s3:ObjectCreated:*'] }],
    }
    await scene.put(others)
    expect(await refusal(scene.events.route(scene.bucket, scene.queue, [all]))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/somebody else is told of such objects already.*choose another prefix or suffix/),
    })
    expect(await scene.configuration()).toEqual(others)
  })

  test('that is not there cannot be watched, and need not be left', async () => {
    const scene = await watching()
    expect(await refusal(scene.events.route('no-such-bucket', scene.queue, [all]))).toMatchObject({ code: 'NOT_FOUND' })
    await scene.events.route('no-such-bucket', scene.queue, [])
    expect(await scene.policy()).toBeUndefined()
  })

  test('is asked again while S3 looks at a policy of a moment ago', async () => {
    const scene = await watching()
    const message = 'Unable to validate the following destination configurations'
    scene.emulator.fail({
      operation: 'PutBucketNotificationConfiguration',
      answer: { status: 400, code: 'InvalidArgument', message },
    })
    await scene.events.route(scene.bucket, scene.queue, [all])
    expect(await scene.rules()).toHaveLength(1)
    expect(scene.emulator.count('PutBucketNotificationConfiguration')).toBe(2)
  })

  test('on a server that cannot is refused as unsupported, and the queue’s policy is as it was', async () => {
    const scene = await watching()
    const put = 'PutBucketNotificationConfiguration'
    for (const [operation, status, code] of [
      ['GetBucketNotificationConfiguration', 501, 'NotImplemented'],
      [put, 400, 'MalformedXML'],
    ] as const) {
      scene.emulator.fail({ operation, answer: { status, code } })
      expect(await refusal(scene.events.route(scene.bucket, scene.queue, [all]))).toMatchObject({ code: 'UNSUPPORTED' })
      expect(await scene.policy()).toBeUndefined()
    }
    expect(scene.emulator.count(put)).toBe(1)
  })

  test('names the permission that is missing', async () => {
    const scene = await watching()
    for (const [operation, permission] of [
      ['GetBucketNotificationConfiguration', 's3:GetBucketNotification'],
      ['PutBucketNotificationConfiguration', 's3:PutBucketNotification'],
    ] as const) {
      scene.emulator.fail({ operation, answer: { status: 403, code: 'AccessDenied' } })
      expect(await refusal(scene.events.route(scene.bucket, scene.queue, [all]))).toMatchObject({
        code: 'ACCESS_DENIED',
        message: expect.stringContaining(permission),
      })
    }
  })

  test('is looked into for an object of whatever bucket', async () => {
    const scene = await watching()
    await scene.raw.objects.put('a b', Buffer.from('x'), { contentType: 'text/rtf' })
    expect(await scene.events.head(scene.bucket, 'a b')).toMatchObject({ contentType: 'text/rtf', size: 1 })
    expect(await scene.events.head(scene.bucket, 'none')).toBeUndefined()
  })
})

test('rules that are apart tell of all that was wanted, and never twice', () => {
  const filter = fc.record({
    eventType: fc.constantFrom('write', 'delete', 'all'),
    prefix: fc.stringMatching(/^[ab]{0,2}$/),
    suffix: fc.stringMatching(/^[ab]{0,2}$/),
  })
  const fits = ({ eventType, prefix, suffix }: EventFilter, kind: string, key: string): boolean =>
    (eventType === 'all' || eventType === kind) && key.startsWith(prefix) && key.endsWith(suffix)
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 6 }), fc.stringMatching(/^[ab]{0,4}$/), (filters, key) => {
      const rules = apart(filters)
      for (const kind of ['write', 'delete']) {
        const wanted = filters.some((one) => fits(one, kind, key))
        const told = rules.filter((one) => fits(one, kind, key)).length
        if (wanted) expect(told).toBe(1)
        else expect(told).toBeLessThanOrEqual(1)
      }
      expect(rules.length).toBeLessThanOrEqual(filters.length)
    }),
    { numRuns: 500 },
  )
})

async function watching() {
  const fresh: Setup = await setup()
  const raw = fresh.open()
  await raw.ready()
  const { emulator, place } = fresh
  const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
  const sqs = new SQSClient(emulator.options)
  onTestFinished(() => (s3.destroy(), sqs.destroy()))
  const queue = place.pendingQueue ?? ''
  const QueueUrl = `${emulator.endpoint}/000000000000/${queue}`
  const attributes = async () =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {}
  const configuration = async (): Promise<NotificationConfiguration> => {
    const { $metadata: _, ...found } = await s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: place.bucket }),
    )
    return found
  }
  const events = await raw.events?.()
  if (!events) throw new Error('no events')
  const arn = (await attributes())['QueueArn'] ?? ''
  emulator.reset()
  return {
    emulator,
    raw,
    events,
    queue,
    arn,
    bucket: place.bucket,
    configuration,
    rules: async () => (await configuration()).QueueConfigurations ?? [],
    put: async (NotificationConfiguration: NotificationConfiguration) => {
      await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: place.bucket, NotificationConfiguration }))
    },
    policy: async (): Promise<unknown> => {
      const { Policy } = await attributes()
      return Policy ? JSON.parse(Policy) : undefined
    },
    setPolicy: async (policy: object) => {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: JSON.stringify(policy) } }))
    },
  }
}
