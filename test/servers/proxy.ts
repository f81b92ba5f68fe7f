import { Agent, type IncomingMessage, type ServerResponse, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Fault } from './faults.ts'
import { type Forward, type Reply, errorReply } from './reply.ts'
import { type ProxiedRequest, type RecordedRequest, recordOf, requestFrom } from './request.ts'
import { S3Rules } from './s3-rules.ts'
import { performSqs } from './sqs-rules.ts'

export interface Proxy {
  readonly endpoint: string
  close(): Promise<void>
}

/** Sees every request, and says whether it fails and whether its conditions count. */
export interface Watcher {
  readonly onRequest: (request: RecordedRequest) => Fault | undefined
  readonly ignoresConditions: () => boolean
  /** Stands between a request that does not fail and the server. */
  readonly interpose: Interposer
}

/** Lets a request through as it is, changed, late, several times or not at all. */
export type Interposer = (
  request: ProxiedRequest,
  perform: (request: ProxiedRequest) => Promise<Reply>,
) => Promise<Reply>

/** Stands before the server at `port`. */
export async function startProxy(port: number, watcher: Watcher): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true })
  const forward = forwardTo(port, agent)
  const s3 = new S3Rules(forward, watcher.ignoresConditions)
  const perform = (request: ProxiedRequest): Promise<Reply> =>
    request.service === 's3' ? s3.perform(request) : performSqs(forward, request)
  const server = createServer({ requestTimeout: 0 }, (incoming, response) => {
    const interposed = (request: ProxiedRequest): Promise<Reply> => watcher.interpose(request, perform)
    answer(incoming, response, interposed, watcher.onRequest).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${own}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      agent.destroy()
    },
  }
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  perform: (request: ProxiedRequest) => Promise<Reply>,
  onRequest: (request: RecordedRequest) => Fault | undefined,
): Promise<void> {
  const payload = await buffer(incoming)
  const request = requestFrom(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers, payload)
  const fault = onRequest(recordOf(request))
  if (fault && fault.when !== 'after') return fail(response, request, fault)
  const reply = await perform(request)
  if (fault) return fail(response, request, fault, reply)
  response.writeHead(reply.status, reply.headers)
  response.end(request.method === 'HEAD' ? undefined : reply.body)
}

function fail(response: ServerResponse, request: ProxiedRequest, { answer }: Fault, reply?: Reply): void {
  if (answer === 'hang') return
  if (answer === 'cut' && reply) {
    response.writeHead(reply.status, reply.headers)
    response.write(reply.body.subarray(0, Math.floor(reply.body.byteLength / 2)), () => response.destroy())
    return
  }
  if (typeof answer === 'string') return void response.destroy()
  const { status, headers, body } = errorReply(request, answer)
  response.writeHead(status, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
}

function forwardTo(port: number, agent: Agent): Forward {
  return ({ method, path, headers, payload }) =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: { ...headers, 'content-length': payload.byteLength },
      }
      const outgoing = httpRequest(options, async (response) => {
        const { 'transfer-encoding': _, connection: __, ...rest } = response.headers
        resolve({ status: response.statusCode ?? 500, headers: rest, body: await buffer(response) })
      })
      outgoing.on('error', reject)
      outgoing.end(payload)
    })
}
