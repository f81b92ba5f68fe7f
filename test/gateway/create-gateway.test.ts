import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Backend } from '../../src/backend.ts'
import { createGateway, type GatewayOptions } from '../../src/gateway.ts'
import { localBackend } from '../../src/local.ts'
import { here, jsonOf, useGateway } from './setup.ts'
import { onLocal } from '../queue/setup.ts'

test('what is not there is told as a problem', async () => {
  await using gateway = createGateway({ backend: localBackend({ directory: 'nowhere' }) })
  const answer = await gateway(new Request('http://localhost/nothing'), { remoteAddress: '127.0.0.1' })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(await answer.json()).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is nothing at GET /nothing',
  })
})

describe('a gateway never rejects', () => {
  const { setup } = useGateway(onLocal)

  /** One over a backend that throws that, and what it reports. */
  function throwing(thrown: unknown, onError?: GatewayOptions['onError']) {
    const reports: unknown[] = []
    const backend: Backend = {
      ...localBackend({ directory: 'nowhere' }),
      open() {
        throw thrown
      },
    }
    const gateway = createGateway({ backend, onError: onError ?? ((error) => reports.push(error)) })
    onTestFinished(() => gateway.close())
    return { reports, ask: (path: string) => gateway(new Request(`http://localhost${path}`), here) }
  }

  test.each([
    ['an error', new Error('a secret')],
    ['a text', 'a secret'],
    ['nothing', undefined],
    ['an object without a prototype', Object.create(null)],
  ])('when what is thrown inside is %s: it is reported, and not told to callers', async (_, thrown: unknown) => {
    const { ask, reports } = throwing(thrown)
    const [job, page, project] = await Promise.all(
      ['/v1/queues/letters', '/ui/queues/letters', '/v2/projects/letters/jobs'].map(ask),
    )
    expect([job?.status, page?.status, project?.status]).toEqual([500, 500, 500])
    const texts = await Promise.all([job?.text(), page?.text(), project?.text()])
    expect(texts.join('')).not.toContain('a secret')
    expect(texts[2]).toContain('"trace"')
    expect(reports).toHaveLength(3)
    for (const report of reports) expect(report instanceof Error && [report, report.cause]).toContain(thrown)
  })

  test('when a request is aborted with a text for a reason', async () => {
    const { gateway, jobs, post } = await setup()
    const gone = new AbortController()
    const request = new Request(`http://localhost${jobs}/${await post()}?wait=20`, { signal: gone.signal })
    const answer = gateway(request, here)
    setImmediate(() => gone.abort('gone'))
    expect((await answer).status).toBe(499)
  })

  test('when whoever is told of errors throws', async () => {
    const warned = once(process, 'warning')
    const { ask } = throwing(new Error('inside'), () => {
      throw new Error('The log is full')
    })
    const answer = await ask('/v1/queues/letters')
    expect([answer.status, await jsonOf(answer)]).toEqual([500, expect.objectContaining({ status: 500 })])
    expect(await warned).toEqual([expect.objectContaining({ message: 'The log is full' })])
  })

  test('when waiting for the end of an answer fails: the request has left all the same', async () => {
    const { gateway, jobs } = await setup()
    const ended = Promise.reject(new Error('The socket is broken'))
    const request = new Request(`http://localhost${jobs}`)
    expect((await gateway(request, { ...here, ended })).status).toBe(200)
    await gateway.close({ timeoutSeconds: 3600 })
  })
})
