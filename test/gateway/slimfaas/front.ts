import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { onTestFinished } from 'vitest'
import type { Gateway } from '../../../src/gateway.ts'

/** The gateway on a port of this machine, until the test has ended. */
export async function listen(gateway: Gateway): Promise<number> {
  const server = createServer(
    getRequestListener((request, { incoming }) => gateway(request, { remoteAddress: incoming.socket.remoteAddress })),
  )
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}
