import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { provision, provisionPlan } from '../../src/admin.ts'
import { localBackend } from '../../src/local.ts'
import { freshDirectory, openPlace } from '../local/setup.ts'
import { grounds, useStage } from '../queue/setup.ts'
import { startEmulator } from '../servers/emulator.ts'

describe.each(grounds)('on $ground', ({ start }) => {
  const stage = useStage(start)

  test('what is planned is made, once, and then kept', async () => {
    const { backend } = await stage.setup()
    const options = { backend, statuses: ['pending', 'failed'] }
    const plan = await provisionPlan('made', options)
    const made = plan.filter(({ action }) => action === 'create').map(({ kind, name }) => `${kind} ${name}`)
    expect(made).toEqual(
      expect.arrayContaining([
        'bucket remotejobs-made',
        'queue made-dead',
        'queue made-pending',
        'queue made-failed',
        'dead-letter policy made-pending',
      ]),
    )
    expect(await provisionPlan('made', options)).toEqual(plan)
    expect(await provision('made', options)).toEqual(plan)
    const again = await provision('made', options)
    expect(again.map(({ kind, name }) => [kind, name])).toEqual(plan.map(({ kind, name }) => [kind, name]))
    expect(again.filter(({ action }) => action !== 'keep' && action !== 'try')).toEqual([])
    expect(again.flatMap(({ differences }) => differences)).toEqual([])
  })

  test('a limit that is too low is changed, and said before', async () => {
    const { backend } = await stage.setup()
    await provision('limited', { backend, attempts: 1 })
    const steps = await provision('limited', { backend, attempts: 20 })
    expect(steps.filter(({ action }) => action === 'change')).toMatchObject([
      { kind: 'dead-letter policy', name: 'limited-pending', differences: [{ found: '10', wanted: '60' }] },
    ])
    const later = await provisionPlan('limited', { backend, attempts: 1 })
    expect(later.find(({ kind }) => kind === 'dead-letter policy')).toMatchObject({ action: 'keep' })
  })

  test('a retention is made where it is asked for, changed with the option, and left without it', async () => {
    const { backend } = await stage.setup()
    const steps = async (retentionDays?: number) =>
      (await provision('kept', { backend, ...(retentionDays === undefined ? {} : { retentionDays }) })).filter(
        ({ kind }) => kind === 'retention',
      )
    const name = 'remotejobs-kept'
    expect(await steps(15)).toMatchObject([
      { name, action: 'create', settings: { 'inputs/': '16', 'results/': '46' }, differences: [] },
    ])
    expect(await steps(15)).toMatchObject([{ name, action: 'keep', differences: [] }])
    expect(await steps()).toEqual([])
    const [changed] = await steps(30)
    expect(changed).toMatchObject({ name, action: 'change' })
    expect(changed?.differences).toContainEqual({ setting: 'inputs/', found: '16', wanted: '31' })
    expect(await steps(30)).toMatchObject([{ name, action: 'keep', differences: [] }])
  })

  test('a name that cannot be is refused before anything is asked', async () => {
    await expect(provisionPlan('no/name')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('in a local directory', () => {
  test('a plan makes no directory', async () => {
    const directory = join(await freshDirectory(), 'jobs')
    const plan = await provisionPlan('cats', { backend: localBackend({ directory }) })
    expect(plan[0]).toMatchObject({ kind: 'directory', name: directory, action: 'create' })
    expect(plan.filter(({ action }) => action !== 'create')).toEqual([])
    await expect(readdir(directory)).rejects.toThrow('ENOENT')
    await openPlace(directory)
    const [kept, bucket] = await provisionPlan('cats', { backend: localBackend({ directory }) })
    expect([kept?.action, bucket?.action]).toEqual(['keep', 'create'])
  })
})

describe('on S3 and SQS alone', () => {
  async function setup() {
    const emulator = await startEmulator()
    const s3 = new S3Client({ ...emulator.options, forcePathStyle: true })
    const sqs = new SQSClient({ ...emulator.options, useQueueUrlAsEndpoint: false })
    onTestFinished(async () => {
      s3.destroy()
      sqs.destroy()
      await emulator.close()
    })
    return { emulator, s3, sqs }
  }

  test('a plan writes nothing', async () => {
    const { emulator } = await setup()
    await provisionPlan('cats', emulator.options)
    await provision('cats', emulator.options)
    emulator.reset()
    await provisionPlan('cats', emulator.options)
    expect(emulator.requests.map(({ operation }) => operation).toSorted()).toEqual([
      'GetBucketLifecycleConfiguration',
      ...Array<string>(4).fill('GetQueueAttributes'),
      ...Array<string>(4).fill('GetQueueUrl'),
      'HeadBucket',
    ])
  })

  test('what is there and otherwise is told, and kept', async () => {
    const { emulator, s3, sqs } = await setup()
    await s3.send(new CreateBucketCommand({ Bucket: 'remotejobs-cats' }))
    await sqs.send(new CreateQueueCommand({ QueueName: 'cats-pending', Attributes: { VisibilityTimeout: '99' } }))
    const plan = await provision('cats', emulator.options)
    const step = (kind: string, name: string) => plan.find((one) => one.kind === kind && one.name === name)
    expect(step('queue', 'cats-pending')).toMatchObject({
      action: 'keep',
      differences: [
        { setting: 'MessageRetentionPeriod', found: '345600', wanted: '1209600' },
        { setting: 'VisibilityTimeout', found: '99', wanted: '30' },
        { setting: 'ReceiveMessageWaitTimeSeconds', found: '0', wanted: '20' },
      ],
    })
    expect(step('uploads rule', 'remotejobs-cats')).toMatchObject({
      action: 'keep',
      differences: [{ setting: 'DaysAfterInitiation', found: 'never', wanted: '7' }],
    })
    expect((await provisionPlan('cats', emulator.options)).filter(({ differences }) => differences.length > 0)).toEqual(
      plan.filter(({ differences }) => differences.length > 0),
    )
  })

  test('one who may not look at what provisioning takes as it is, gets a plan all the same', async () => {
    const { emulator } = await setup()
    await provision('cats', emulator.options)
    for (const operation of ['GetQueueAttributes', 'GetBucketLifecycleConfiguration'])
      emulator.fail({ operation, times: Infinity, answer: { status: 403, code: 'AccessDenied' } })
    const plan = await provisionPlan('cats', emulator.options)
    expect(plan.flatMap(({ differences }) => differences)).toEqual([])
    expect(plan.filter(({ action }) => action !== 'keep').map(({ kind }) => kind)).toEqual(['conditional writes'])
  })
})
