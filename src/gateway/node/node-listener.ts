import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import type { Gateway } from '../create-gateway.ts'
import type { Connection } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/**
 * A gateway as what `node:http` and Express call for each request. Mounted at a path, `app.use('/jobs', nodeListener(gateway))`, the
 * gateway has to know of it: `createGateway({ basePath: '/jobs' })`. It goes before what reads bodies, such as `express.json()`:
 * requests whose body was read are answered with 500.
 */
export function nodeListener(gateway: Gateway): RequestListener {
  return listener(gateway, () => ({}))
}

/** The same for the event `checkContinue`: a client sends its body when something reads it, and not for nothing when it is refused. */
export function continueListener(gateway: Gateway): RequestListener {
  return listener(gateway, (outgoing) => ({ onBody: () => outgoing.writeContinue() }))
}

function listener(
  gateway: Gateway,
  more: (outgoing: HttpBindings['outgoing'] | Http2Bindings['outgoing']) => Connection,
): RequestListener {
  const listen = getRequestListener(
    (request, { incoming, outgoing }) =>
      hasLostBody(incoming)
        ? withoutBody()
        : gateway(request, {
            remoteAddress: incoming.socket.remoteAddress,
            ended: once(outgoing, 'close'),
            ...more(outgoing),
          }),
    // Others in this process may rely on the Request and Response that Node has.
    { overrideGlobalObjects: false, errorHandler: unreadable },
  )
  return (incoming, outgoing) => {
    incoming.url = wholePath(incoming)
    void listen(incoming, outgoing)
  }
}

/** Express and its like cut off what something is mounted at, and keep all of it here. */
function wholePath(incoming: IncomingMessage): string | undefined {
  return 'originalUrl' in incoming && typeof incoming.originalUrl === 'string' ? incoming.originalUrl : incoming.url
}

/** Whether somebody has read the body before: what is left would become an empty job. */
function hasLostBody({ readableDidRead, headers }: Pick<IncomingMessage, 'readableDidRead' | 'headers'>): boolean {
  return readableDidRead && (headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0)
}

function withoutBody(): Response {
  const advice = 'The application has read the body before the gateway could: mount the gateway before express.json()'
  return new Problem(500, `${advice} and its like`).toResponse()
}

/** For a request without a host, or one that no URL can be made of. */
function unreadable(): Response {
  return new Problem(400, 'That is no request that can be read: check its path and its Host header').toResponse()
}
