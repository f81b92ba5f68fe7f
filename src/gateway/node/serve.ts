import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { RemoteJobError } from '../../errors.ts'
import { checkInteger, checkSeconds } from '../../options.ts'
import { isLoopbackName } from '../access/host-names.ts'
import { createGateway, type Gateway } from '../create-gateway.ts'
import type { GatewayOptions } from '../gateway-options.ts'
import type { CloseOptions } from '../house.ts'
import { continueListener, nodeListener } from './node-listener.ts'
import { type PaceOptions, SlowClients } from './slow-clients.ts'

/** A gateway, and where it listens. */
export interface ServeOptions extends GatewayOptions {
  /** The port; 0 for any that is free. @default 8080 */
  readonly port?: number | undefined
  /** The address, or the name of one. Without tokens it can only be this machine's own. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** Most connections; more are closed at once. @default 10000 */
  readonly connections?: number | undefined
  /** Seconds that a client may take to send the head of a request: 408. @default 20 */
  readonly headSeconds?: number | undefined
  /** How slowly clients may send bodies and take answers: 408. */
  readonly pace?: PaceOptions | undefined
}

/** A gateway that listens. */
export interface Front extends AsyncDisposable {
  /** Where it is called, such as `http://127.0.0.1:8080`, with the option `basePath` behind it. */
  readonly url: string
  readonly gateway: Gateway
  /**
   * Takes no more requests, ends what only waits or listens, lets the others end, and lets go of the queues. `/ready` answers 503 from
   * then on, where a connection is still open.
   */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Listens with a gateway.
 * @throws RemoteJobError `INVALID_ARGUMENT`, also for an address that others can reach while nobody needs a token; errors of the system
 * as they are, where the port is taken, say
 */
export async function serve(options: ServeOptions = {}): Promise<Front> {
  const { port, host, connections, headSeconds, pace, ...others } = options
  check(options)
  return serveGateway(createGateway(others), { basePath: options.basePath, port, host, connections, headSeconds, pace })
}

/** Listens with a gateway that there is. */
export async function serveGateway(
  gateway: Gateway,
  {
    basePath = '',
    port = 8080,
    host = '127.0.0.1',
    connections,
    headSeconds,
    pace,
  }: Omit<ServeOptions, Exclude<keyof GatewayOptions, 'basePath'>>,
): Promise<Front> {
  const slow = new SlowClients(pace)
  const server = frontOf(gateway, slow, headSeconds ?? 20)
  server.maxConnections = connections ?? 10_000
  server.listen(port, host)
  await once(server, 'listening')
  const close = closing(server, gateway, slow)
  return { url: urlOf(server, host) + basePath, gateway, close, [Symbol.asyncDispose]: () => close() }
}

function check({ tokens, open, host = '127.0.0.1', port, connections, headSeconds, pace }: ServeOptions): void {
  if (tokens === undefined && open !== true && !isLoopbackName(host))
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`tokens\` for the host "${host}", which others can reach: without any, only this machine's own (127.0.0.1) is listened at`,
    )
  checkInteger('port', port, 0, 65_535)
  checkInteger('connections', connections, 1, 1_000_000)
  checkInteger('headSeconds', headSeconds, 1, 3600)
  checkSeconds('pace.patienceSeconds', pace?.patienceSeconds)
  checkInteger('pace.bytesPerSecond', pace?.bytesPerSecond, 1, 1024 ** 3)
}

function frontOf(gateway: Gateway, slow: SlowClients, headSeconds: number): Server {
  const options = {
    headersTimeout: headSeconds * 1000,
    // A long upload is no slow one: `SlowClients` tells them apart.
    requestTimeout: 0,
    // Longer than load balancers keep theirs, so that it is not us who close one that they are about to use.
    keepAliveTimeout: 75_000,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16_384,
  }
  const server = createServer(options)
  const watched =
    (listen: RequestListener): RequestListener =>
    (incoming, outgoing) => {
      slow.watch(incoming, outgoing)
      if (!server.listening) outgoing.setHeader('Connection', 'close')
      listen(incoming, outgoing)
    }
  server.on('request', watched(nodeListener(gateway)))
  server.on('checkContinue', watched(continueListener(gateway)))
  return server
}

function closing(server: Server, gateway: Gateway, slow: SlowClients): Front['close'] {
  return async (how) => {
    server.close()
    await gateway.close(how)
    server.closeAllConnections()
    slow[Symbol.dispose]()
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
