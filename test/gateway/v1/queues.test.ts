import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { settingsFrom } from '../../../src/lifecycle/settings.ts'
import { grounds, useGateway } from '../setup.ts'

describe.each(grounds)('queues over HTTP, over $ground', ({ start }) => {
  const { setup } = useGateway(start)

  test('are told with what they hold, as far as they are offered', async () => {
    const { ask, askJson, post, name } = await setup()
    await post()
    const one = await askJson(`/v1/queues/${name}`)
    expect(one).toMatchObject({ name, waiting: 1, delayed: 0, inFlight: 0, dead: 0 })
    expect(await askJson('/v1/queues')).toMatchObject({
      queues: expect.arrayContaining([expect.objectContaining({ name })]),
    })
    expect((await ask('/v1/queues/nowhere')).status).toBe(404)
    const other = await setup({ queues: ['other-*'] })
    expect(await other.askJson('/v1/queues')).toEqual({ queues: [] })
    expect((await other.ask(`/v1/queues/${name}`)).status).toBe(404)
  })

  test('that are named whole are made with the first request, and no others', async () => {
    const made = `made-${randomUUID().slice(0, 8)}`
    const { ask, askJson } = await setup({ queues: [made, `${made}-*`] })
    expect((await ask(`/v1/queues/${made}-other/jobs`, { method: 'POST', body: 'x' })).status).toBe(404)
    expect((await ask(`/v1/queues/${made}-*/jobs`, { method: 'POST', body: 'x' })).status).toBe(400)
    expect((await ask(`/v1/queues/${made}/jobs`, { method: 'POST', body: 'x' })).status).toBe(201)
    expect(await askJson('/v1/queues')).toMatchObject({ queues: [{ name: made, waiting: 1 }] })
  })

  test('have dead letters, which are brought back', async () => {
    const { ask, askJson, name, backend, queue } = await setup()
    const raw = backend.open(settingsFrom(name, {}).place)
    const reason = { reason: 'nobody could' }
    await raw.queue(`${name}-dead`).send({ body: 'no job', attributes: reason })
    const handle = await queue.submit({ n: 1 })
    const [delivery] = await raw.queue(`${name}-pending`).receive({ max: 1, waitSeconds: 5, leaseSeconds: 30 })
    await raw.queue(`${name}-dead`).send({ body: delivery?.body ?? '' })
    await raw.queue(`${name}-pending`).delete(delivery?.receipt ?? '')
    const { letters, more } = await askJson('dead-letters')
    expect(more).toBe(false)
    expect(letters).toHaveLength(2)
    expect(letters).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: 'nobody could', body: 'no job' }),
        expect.objectContaining({ id: handle.id }),
      ]),
    )
    const redrive = (body: unknown) =>
      ask('dead-letters/redrive', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      })
    expect((await redrive({ ids: ['unknown'] })).status).toBe(404)
    const answer = await redrive({ ids: [handle.id] })
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { redriven: [{ id: handle.id, newId: expect.any(String) }] },
    ])
    expect(await (await redrive({ all: true })).json()).toEqual({ redriven: [{}] })
    for (const wrong of [{}, { ids: [] }, { all: false }, { ids: ['a/b'] }, { ids: ['a'], all: true }, [], null])
      expect((await redrive(wrong)).status).toBe(400)
    await raw.close()
  })
})
