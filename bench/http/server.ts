/** A server of the bench in a process of its own: the gateway, or a bare handler that asks for the same. */
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { clientOptions } from '../aws/subject.ts'

/** What this process is started as. */
export interface Parameters {
  readonly kind: 'gateway' | 'by hand' | 'through the library'
  /** Of the stand-in for S3 and SQS; without it the local backend is used. */
  readonly endpoint?: string | undefined
  /** Of the local backend. */
  readonly directory?: string | undefined
}

/** How this process is, as it answers each message. */
export interface Figures {
  /** Milliseconds of processor time since it started. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** The most that it ever was. */
  readonly peak: number
}

setFlagsFromString('--expose-gc')
// What users run, since a process that reads sources needs more memory.
const built = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href
const { Queue } = (await import(built('index'))) as typeof import('../../src/index.ts')
const { localBackend } = (await import(built('local'))) as typeof import('../../src/local.ts')
const { serve } = (await import(built('gateway'))) as typeof import('../../src/gateway.ts')
const collect = runInNewContext('gc') as () => void
const name = 'bench'
const { kind, endpoint, directory = '' } = JSON.parse(process.argv[2] ?? '{}') as Parameters
const place = endpoint === undefined ? { backend: localBackend({ directory }) } : clientOptions(endpoint)
const queue = new Queue(name, place)
await queue.ready()

process.on('message', () => process.send?.(figures()))
process.on('disconnect', () => process.exit())
process.send?.(await start())

function figures(): Figures {
  collect()
  const { user, system } = process.cpuUsage()
  return { cpu: (user + system) / 1000, memory: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 }
}

async function start(): Promise<string> {
  // One address sends all of it, and is not to be held back.
  const limits = { requestsPerSecond: 1_000_000, concurrentRequestsPerCaller: 4096 }
  if (kind === 'gateway') return (await serve({ ...place, port: 0, limits })).url
  const { fetch } = kind === 'by hand' ? await byHand(endpoint ?? '') : throughLibrary()
  return new Promise((resolve) =>
    listen({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(`http://127.0.0.1:${port}`)),
  )
}

/** The calls that a job costs, and those that a look at one does, as the SDK's documentation has them. */
async function byHand(to: string): Promise<Hono> {
  const s3 = new S3Client({ ...clientOptions(to), forcePathStyle: true })
  const sqs = new SQSClient(clientOptions(to))
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${name}-pending` }))
  const Bucket = `remotejobs-${name}`
  const read = async (Key: string): Promise<string | undefined> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
      return await Body?.transformToString()
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw error
    }
  }
  return new Hono()
    .post('/v1/queues/:queue/jobs', async (c) => {
      const id = randomUUID()
      const Body = new Uint8Array(await c.req.arrayBuffer())
      await s3.send(new PutObjectCommand({ Bucket, Key: `inputs/${id}`, Body, IfNoneMatch: '*' }))
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ id, key: `inputs/${id}` }) }))
      return c.json({ id }, 201)
    })
    .get('/v1/queues/:queue/jobs/:id', async (c) => {
      const id = c.req.param('id')
      const [input, live, history] = await Promise.all([
        s3.send(new HeadObjectCommand({ Bucket, Key: `inputs/${id}` })),
        read(`live/${id}.json`),
        s3.send(new ListObjectsV2Command({ Bucket, Prefix: `history/${id}/` })),
      ])
      const result = await read(`results/${id}.json`)
      return c.json({ id, size: input.ContentLength, note: input.Metadata, live, events: history.Contents, result })
    })
}

function throughLibrary(): Hono {
  return new Hono()
    .post('/v1/queues/:queue/jobs', async (c) => {
      const { id } = await queue.submit({ body: new Uint8Array(await c.req.arrayBuffer()) })
      return c.json({ id }, 201)
    })
    .get('/v1/queues/:queue/jobs/:id', async (c) => {
      const details = await queue.inspect(c.req.param('id'))
      return c.json(details && { ...details, input: details.input?.size, result: details.result?.status })
    })
}
