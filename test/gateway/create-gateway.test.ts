import { expect, test } from 'vitest'
import { createGateway } from '../../src/gateway.ts'
import { localBackend } from '../../src/local.ts'

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
