import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { startEmulator } from '../../test/servers/emulator.ts'
import { startFauxqsOnLoopback } from '../../test/servers/fauxqs.ts'
import { type Counted, count } from './count.ts'
import { bucket } from './names.ts'
import { startSink } from './sink.ts'

/** Which server: the sink for bodies with fauxqs for messages, or fauxqs for both, as the tests have it. */
export type ServerKind = 'sink' | 'fauxqs'

/** Where a server listens. */
export interface Endpoints {
  readonly s3: string
  readonly sqs: string
}

interface Server {
  readonly endpoints: Endpoints
  uploaded(key: string): Promise<Counted | undefined>
}

const [kind = 'sink', digest] = process.argv.slice(2)
const withDigest = digest === 'digest'
const server = kind === 'sink' ? await sink() : await fauxqs()
process.on('message', async (key: string) => process.send?.((await server.uploaded(key)) ?? null))
process.on('disconnect', () => process.exit())
process.send?.(server.endpoints)

async function sink(): Promise<Server> {
  const [{ port, uploaded }, { port: sqsPort }] = await Promise.all([startSink(withDigest), startFauxqsOnLoopback()])
  const endpoints = { s3: `http://127.0.0.1:${port}`, sqs: `http://127.0.0.1:${sqsPort}` }
  return { endpoints, uploaded: async (key) => uploaded(key) }
}

async function fauxqs(): Promise<Server> {
  const { endpoint } = await startEmulator()
  return { endpoints: { s3: endpoint, sqs: endpoint }, uploaded: (key) => read(`${endpoint}/${bucket}/${key}`) }
}

/** Its size, or all of it where the digest is wanted. */
async function read(url: string): Promise<Counted> {
  const [response]: IncomingMessage[] = await once(
    request(url, { method: withDigest ? 'GET' : 'HEAD' }).end(),
    'response',
  )
  if (!response) throw new Error(`No answer from ${url}`)
  if (withDigest) return await count(response, true)
  return { bytes: Number(response.headers['content-length']), digest: undefined }
}
