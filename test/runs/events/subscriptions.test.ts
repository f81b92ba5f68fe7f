import { describe, expect, test } from 'vitest'
import { Runs, type SubscriptionRequest } from '../../../src/runs.ts'
import { Queue } from '../../../src/index.ts'
import { grounds, refusal, useStage } from '../../queue/setup.ts'
import { eventScene, tellEnvironment } from './setup.ts'

describe.each(grounds)('a subscription, over $ground', { timeout: 60_000 }, ({ start }) => {
  const stage = useStage(start)

  async function setup() {
    const scene = await eventScene(stage)
    await scene.runs.jobs.create({ name: 'notes', ...tellEnvironment })
    const request: SubscriptionRequest = { name: 'on-notes', bucket: scene.watched, destination: 'notes' }
    return { ...scene, subscriptions: scene.runs.subscriptions, request }
  }

  test('is kept with its defaults, can be listed, and is gone when it is deleted', async () => {
    const { subscriptions, request, watched } = await setup()
    const kept = { ...request, eventType: 'all', prefix: '', suffix: '', extensions: {} }
    expect(await subscriptions.create(request)).toEqual(kept)
    const other = { name: 'b', eventType: 'write', prefix: 'a/', suffix: '.x', extensions: { A: 'b' } } as const
    await subscriptions.create({ ...request, ...other })
    const state = { ready: true, reason: undefined, updatedAt: expect.any(Date) }
    expect(await subscriptions.list()).toEqual([
      { ...kept, ...other, ...state },
      { ...kept, ...state },
    ])
    expect(await subscriptions.get('on-notes')).toEqual({ ...kept, ...state })
    expect(await subscriptions.delete('on-notes')).toBe(true)
    expect(await subscriptions.delete('on-notes')).toBe(false)
    expect(await subscriptions.get('on-notes')).toBeUndefined()
    expect((await subscriptions.list()).map(({ name, bucket }) => [name, bucket])).toEqual([['b', watched]])
  })

  test('is refused where it cannot be, and nothing is left half made', async () => {
    const { subscriptions, request, keys } = await setup()
    await subscriptions.create(request)
    const before = await keys('subscriptions/')
    const long = 'x'.repeat(1025)
    const cases: [Partial<Record<keyof SubscriptionRequest, unknown>>, string, string][] = [
      [{ name: 'on-notes' }, 'ID_IN_USE', 'There is a subscription "on-notes" already'],
      [{ name: 'On' }, 'INVALID_ARGUMENT', '`name` to be 1 to 63 lower-case letters'],
      [{ name: 'x'.repeat(64) }, 'INVALID_ARGUMENT', '`name`'],
      [{ name: '-x' }, 'INVALID_ARGUMENT', '`name`'],
      [{ bucket: 'No_Bucket' }, 'INVALID_ARGUMENT', '`bucket` to be 3 to 63'],
      [{ bucket: 'no-such-bucket' }, 'NOT_FOUND', 'no-such-bucket'],
      [{ destination: 'Nobody' }, 'INVALID_ARGUMENT', '`name` to be 1 to 63'],
      [
        { destination: 'nobody' },
        'NOT_FOUND',
        'There is no job "nobody" (`destination`): create it first, or say `force`',
      ],
      [{ eventType: 'read' }, 'INVALID_ARGUMENT', '`eventType`'],
      [{ prefix: long }, 'INVALID_ARGUMENT', '`prefix` to be text of at most 1024 bytes'],
      [{ suffix: 'a\nb' }, 'INVALID_ARGUMENT', '`suffix` to be text'],
      [{ suffix: 5 }, 'INVALID_ARGUMENT', '`suffix` to be text'],
      [{ extensions: { 'a-b': 'x' } }, 'INVALID_ARGUMENT', 'a name of letters and digits, got "a-b"'],
      [{ extensions: { '': 'x' } }, 'INVALID_ARGUMENT', 'a name of letters and digits'],
      [{ extensions: { Data: 'x' } }, 'INVALID_ARGUMENT', 'other attributes than those of every event, got "Data"'],
      [{ extensions: { a: 'x', A: 'y' } }, 'INVALID_ARGUMENT', 'differ in more than their case'],
      [{ extensions: { a: 'x\0' } }, 'INVALID_ARGUMENT', '`extensions.a` to be text'],
      [{ extensions: { a: 'x'.repeat(4097) } }, 'INVALID_ARGUMENT', '`extensions.a` to be text of at most 4096 bytes'],
    ]
    for (const [change, code, message] of cases) {
      const given: SubscriptionRequest = Object.assign({ ...request, name: 'other' }, change)
      expect(await refusal(subscriptions.create(given)), JSON.stringify(change)).toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
    }
    expect(await keys('subscriptions/')).toEqual(before)
    expect(await subscriptions.get('on-notes')).toMatchObject({ ready: true })
  })

  test('can be changed in all but its bucket, and what is not said stays', async () => {
    const { subscriptions, request } = await setup()
    await subscriptions.create({ ...request, prefix: 'a/', extensions: { x: '1' } })
    const changed = { prefix: 'b/', eventType: 'delete' } as const
    await subscriptions.update('on-notes', { ...changed, suffix: undefined })
    expect(await subscriptions.get('on-notes')).toMatchObject({
      ...request,
      ...changed,
      extensions: { x: '1' },
      ready: true,
    })
    const bucket = Object.assign({ suffix: '.y' }, { bucket: 'another-bucket' })
    expect(await refusal(subscriptions.update('on-notes', bucket))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Expected `bucket` to be left out: another bucket takes another subscription, got "another-bucket"',
    })
    expect(await subscriptions.get('on-notes')).toMatchObject({ ...request, suffix: '' })
    expect(await refusal(subscriptions.update('nobody', {}))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusal(subscriptions.update('on-notes', { destination: 'nobody' }))).toMatchObject({
      code: 'NOT_FOUND',
    })
    await subscriptions.update('on-notes', { destination: 'nobody' }, { force: true })
    expect(await subscriptions.get('on-notes')).toMatchObject({ ready: false, destination: 'nobody' })
  })

  test('of which ten are made at the same time are all told of their objects in the end', async () => {
    const { subscriptions, request, another } = await setup()
    const others = new Runs(another()).subscriptions
    const either = (index: number) => (index % 2 === 0 ? subscriptions : others)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        either(index).create({ ...request, name: `s${index}`, prefix: `${index}/` }),
      ),
    )
    expect((await subscriptions.list()).map(({ ready }) => ready)).toEqual(Array.from({ length: 10 }, () => true))
    await Promise.all(Array.from({ length: 9 }, (_, index) => either(index).delete(`s${index}`)))
    expect(await subscriptions.list()).toMatchObject([{ name: 's9', ready: true }])
  })

  test('that two make at the same time is one, and the other is told', async () => {
    const { runs, request, another, subscriptions } = await setup()
    const outcomes = await Promise.allSettled([
      runs.subscriptions.create({ ...request, prefix: 'a/' }),
      new Runs(another()).subscriptions.create({ ...request, prefix: 'b/' }),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = outcomes.find((one) => one.status === 'rejected')
    expect(refused?.reason).toMatchObject({ code: 'ID_IN_USE' })
    expect(await subscriptions.list()).toMatchObject([{ name: 'on-notes', ready: true }])
  })

  test('outlives whatever else the bucket was told, and says when it is not heard any more', async () => {
    const { subscriptions, request, raw, watched, name } = await setup()
    await subscriptions.create(request)
    const events = await raw.events?.()
    await events?.route(watched, `${name}-pending`, [])
    expect(await subscriptions.get('on-notes')).toMatchObject({
      ready: false,
      reason: expect.stringContaining('does not tell of its objects'),
    })
    await subscriptions.update('on-notes', {})
    expect(await subscriptions.get('on-notes')).toMatchObject({ ready: true })
  })
})

test('a backend that tells of nothing takes no subscription', async () => {
  const { MemoryStore } = await import('../../model/memory-backend.ts')
  await using queue = new Queue('jobs', { backend: new MemoryStore({ isPatient: true }).backend() })
  const { subscriptions } = new Runs(queue)
  const request = { name: 'a', bucket: 'bucket', destination: 'nobody' }
  expect(await refusal(subscriptions.create(request, { force: true }))).toMatchObject({
    code: 'UNSUPPORTED',
    message: 'This backend tells of no events of objects: use S3 and SQS, or localBackend',
  })
  expect(await subscriptions.list()).toEqual([])
})
