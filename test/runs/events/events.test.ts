import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { SubscriptionRequest } from '../../../src/runs.ts'
import { grounds, useStage } from '../../queue/setup.ts'
import { eventScene, isLocal, poll, record, tellEnvironment, time } from './setup.ts'

describe.skipIf(process.platform === 'win32').each(grounds)(
  'an event of an object, over $ground',
  { timeout: 60_000 },
  ({ start }) => {
    const stage = useStage(start)

    /** A scene with a job and a subscription to a bucket. */
    async function setup(filter: Partial<SubscriptionRequest> = {}) {
      const scene = await eventScene(stage)
      await scene.runs.jobs.create({ name: 'notes', ...tellEnvironment })
      const about: SubscriptionRequest = { name: 'on-notes', bucket: scene.watched, destination: 'notes', ...filter }
      await scene.runs.subscriptions.create(about)
      return scene
    }

    test('makes a run, whose program is told of it as IBM Code Engine tells', async () => {
      const scene = await setup({ extensions: { team: 'a=b c', Stage: 'x' } })
      scene.work()
      const key = await scene.photos.store({ key: 'Notes 1.rtf', body: 'meow', contentType: 'text/rtf' })
      expect(key).toBe('Notes 1.rtf')
      // On S3 the store would tell; here nobody does.
      const local = isLocal(start)
      if (!local) await scene.send({ Records: [record(scene.watched)] })
      const [name = ''] = await scene.runsOnce(1)
      expect(name).toMatch(/^notes-event-[0-9a-f]{16}$/)
      const environment = await scene.environmentOf(name)
      const { CE_DATA = '', CE_ID, CE_TIME, ...others } = environment
      expect(others).toMatchObject({
        CE_SOURCE: `https://cloud.ibm.com/catalog/services/cloud-object-storage/${scene.watched}`,
        CE_SPECVERSION: '1.0',
        CE_TYPE: 'com.ibm.cloud.cos.document.write',
        CE_SUBJECT: 'Notes 1.rtf',
        CONTENT_TYPE: 'application/json',
        CE_TEAM: 'a=b c',
        CE_STAGE: 'x',
        CE_JOB: 'notes',
        CE_JOBRUN: name,
      })
      const { object_etag: etag, ...notification } = JSON.parse(CE_DATA).notification
      expect(etag).toMatch(/^[0-9a-f]{32}$/)
      expect(notification).toEqual({
        bucket_name: scene.watched,
        content_type: 'text/rtf',
        event_type: 'Object:Write',
        format: '2.0',
        object_length: local ? '4' : '4642',
        object_name: 'Notes 1.rtf',
        request_id: CE_ID,
        request_time: CE_TIME,
      })
      expect(CE_DATA).toBe(
        `{"bucket":"${scene.watched}","endpoint":"","key":"Notes 1.rtf","notification":{"bucket_name":"${scene.watched}",` +
          `"content_type":"text/rtf","event_type":"Object:Write","format":"2.0","object_etag":"${etag}",` +
          `"object_length":"${local ? 4 : 4642}","object_name":"Notes 1.rtf","request_id":"${CE_ID}","request_time":"${CE_TIME}"},` +
          `"operation":"Object:Write"}`,
      )
      expect([CE_ID, CE_TIME].every((text) => text !== undefined && text !== '')).toBe(true)
    })

    test('of a deletion has no etag, and a length and a type all the same', async () => {
      const scene = await setup()
      scene.work()
      const removed = { size: undefined, eTag: undefined }
      await scene.send({ Records: [record(scene.watched, removed, { eventName: 'ObjectRemoved:Delete' })] })
      const [name = ''] = await scene.runsOnce(1)
      const environment = await scene.environmentOf(name)
      expect(environment['CE_TYPE']).toBe('com.ibm.cloud.cos.document.delete')
      expect(environment['CE_DATA']).toBe(
        `{"bucket":"${scene.watched}","endpoint":"","key":"Notes 1.rtf","notification":{"bucket_name":"${scene.watched}",` +
          `"content_type":"application/octet-stream","event_type":"Object:Delete","format":"2.0","object_length":"0",` +
          `"object_name":"Notes 1.rtf","request_id":"C3D13FE58DE4C810","request_time":"${time}"},"operation":"Object:Delete"}`,
      )
    })

    test('that comes again is one run, at the same time or after the run was deleted; another one is another run', async () => {
      const scene = await setup()
      const one = { Records: [record(scene.watched)] }
      for (let times = 0; times < 4; times += 1) await scene.send(one)
      // The same event, as a server writes it that leaves zeros out.
      await scene.send({ Records: [record(scene.watched, { sequencer: '55aed6dcd90281e5' })] })
      await scene.send({ Records: [record(scene.watched, { sequencer: '0055AED6DCD90281E6' })] })
      scene.work()
      const names = await scene.runsOnce(2)
      for (const name of names) await scene.environmentOf(name)
      await scene.idle()
      expect(await scene.names()).toHaveLength(2)
      for (const name of names) await scene.runs.delete(name)
      await scene.send(one)
      await scene.idle()
      await wait(500)
      expect(await scene.names()).toEqual([])
    })

    test('makes a run for each subscription that it fits, and for no other', async () => {
      const scene = await setup({ suffix: '.rtf' })
      const { runs, watched } = scene
      const more = [
        { name: 'same', eventType: 'write', prefix: 'Notes ' },
        { name: 'other-case', prefix: 'notes' },
        { name: 'no-wildcards', prefix: 'Notes*' },
        { name: 'deleted-only', eventType: 'delete' },
        { name: 'other-suffix', suffix: '.jpg' },
      ] as const
      for (const one of more) await runs.subscriptions.create({ bucket: watched, destination: 'notes', ...one })
      await runs.subscriptions.create({ name: 'other-bucket', bucket: scene.bucket, destination: 'notes' })
      scene.work()
      await scene.send({ Records: [record(watched)] })
      await scene.runsOnce(2)
      await scene.idle()
      expect(await scene.names()).toHaveLength(2)
    })

    test('that is broken keeps no other from its run, and is kept with the reason; the worker goes on', async () => {
      const scene = await setup()
      scene.work()
      const broken = record(scene.watched, {}, { eventVersion: '3.0' })
      await scene.send({ Records: [broken, record(scene.watched), null] })
      const undecodable = record(scene.watched, { key: '%E0%A4%A' })
      await scene.send({ Records: [undecodable] })
      await scene.send('{"Records":[')
      await scene.send({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: time, Bucket: scene.watched })
      await scene.send({ Records: [] })
      await scene.send({ Records: [record(scene.watched, {}, { eventName: 'ObjectTagging:Put' })] })
      await scene.send({ Records: [record('nobody-watches-this')] })
      const [name = ''] = await scene.runsOnce(1)
      await scene.environmentOf(name)
      await scene.idle()
      const letters = await poll(async () => {
        const found = await Array.fromAsync(scene.queue.deadLetters())
        return found.length >= 4 ? found : undefined
      })
      expect(await scene.names()).toHaveLength(1)
      const none = 'The message cannot be read as a job:'
      expect(letters.map(({ body, reason }) => [reason, body]).toSorted()).toEqual(
        [
          [
            `${none} its \`eventVersion\` is "3.0", and 2.x is what this version of remotejob reads`,
            JSON.stringify({ Records: [broken] }),
          ],
          [`${none} a record in it is no S3 event`, '{"Records":[null]}'],
          [`${none} its object’s key is none that S3 has`, JSON.stringify({ Records: [undecodable] })],
          [`${none} it is not a JSON object`, '{"Records":['],
        ].toSorted(),
      )
    })

    test('waits for a job that is not there yet, at no cost of a try', async () => {
      const scene = await eventScene(stage)
      const { runs, watched } = scene
      await runs.subscriptions.create({ name: 'early', bucket: watched, destination: 'later' }, { force: true })
      expect(await runs.subscriptions.get('early')).toMatchObject({
        ready: false,
        reason: 'There is no job "later": its events wait until it is created',
      })
      scene.work()
      await scene.send({ Records: [record(watched)] })
      const waiting = await poll(async () => {
        const jobs = await scene.keys('history/')
        return jobs.some((key) => key.includes('-released-')) ? jobs : undefined
      })
      expect(waiting[0]).toMatch(/^history\/run\._event\.[0-9a-f]{40}\.early\//)
      await runs.jobs.create({ name: 'later', ...tellEnvironment })
      expect((await runs.subscriptions.get('early'))?.ready).toBe(true)
      const [name = ''] = await scene.runsOnce(1)
      expect((await scene.environmentOf(name))['CE_SUBJECT']).toBe('Notes 1.rtf')
    })

    test('of a subscription that was deleted makes no run', async () => {
      const scene = await setup()
      await scene.send({ Records: [record(scene.watched)] })
      await scene.runs.subscriptions.delete('on-notes')
      scene.work()
      await scene.idle()
      await wait(300)
      expect(await scene.names()).toEqual([])
    })

    test('of the queue’s own objects is nobody’s, though its bucket is watched', async () => {
      const scene = await eventScene(stage)
      const { runs, bucket } = scene
      await runs.jobs.create({ name: 'notes', ...tellEnvironment })
      await runs.subscriptions.create({ name: 'own', bucket, destination: 'notes' })
      scene.work()
      const own = ['assets/x/1-a/output', 'results/x.json', 'inputs/x', 'runs/x.json', 'subscriptions/own/000000001']
      await scene.send({ Records: own.map((key) => record(bucket, { key })) })
      await scene.send({ Records: [record(bucket)] })
      const [name = ''] = await scene.runsOnce(1)
      await scene.environmentOf(name)
      await scene.idle()
      expect(await scene.names()).toEqual([name])
    })

    test('is as the subscription is when the run is made', async () => {
      const scene = await setup()
      await scene.runs.subscriptions.update('on-notes', { extensions: { colour: 'green' } })
      scene.work()
      await scene.send({ Records: [record(scene.watched)] })
      const [name = ''] = await scene.runsOnce(1)
      expect(await scene.environmentOf(name)).toMatchObject({ CE_COLOUR: 'green' })
    })
  },
)
