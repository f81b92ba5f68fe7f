import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Gateway } from '../create-gateway.ts'
import { Problem } from '../problem.ts'

/**
 * A gateway as what `node:http` and Express call for each request: `app.use('/jobs', nodeListener(gateway))`. Nothing must have read the
 * request's body before.
 */
export function nodeListener(gateway: Gateway): RequestListener {
  const listen = getRequestListener(
    (request, { incoming, outgoing }) =>
      gateway(request, { remoteAddress: incoming.socket.remoteAddress, ended: once(outgoing, 'close') }),
    // Others in this process may rely on the Request and Response that Node has.
    { overrideGlobalObjects: false, errorHandler: unreadable },
  )
  return (incoming, outgoing) => void listen(incoming, outgoing)
}

/** For a request without a host, or one that no URL can be made of. */
function unreadable(): Response {
  return new Problem(400, 'That is no request that can be read: check its path and its Host header').toResponse()
}
