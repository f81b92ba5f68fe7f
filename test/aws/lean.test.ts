import { createHash, createHmac } from 'node:crypto'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { lean } from '../../src/aws/lean.ts'
import { Sha256 } from '../../src/aws/sha256.ts'

const names = ['first', 'second', 'third']
const instant = new Date('2026-01-02T03:04:05Z')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: instant })
})
afterEach(() => {
  vi.useRealTimers()
})

/** How clients are set up whose requests go nowhere but into `signatures`. */
function setup() {
  const signatures: string[] = []
  const handle = async ({ headers }: { readonly headers: Readonly<Record<string, string>> }): Promise<never> => {
    signatures.push(headers['authorization'] ?? '')
    throw new Error('Nothing is sent here')
  }
  const login = { name: 'nobody' }
  // Out of date at once, so that they are asked for each time.
  const credentials = async () => ({
    accessKeyId: `AKIA${login.name}`,
    secretAccessKey: login.name,
    expiration: instant,
  })
  return {
    signatures,
    login,
    options: { region: 'eu-west-1', maxAttempts: 1, requestHandler: { handle }, credentials },
  }
}

/** Of each kind of client, the signatures of three requests, each with credentials of its own. */
async function signaturesOf(tuned: boolean): Promise<readonly string[]> {
  const extra = tuned ? { sha256: Sha256 } : {}
  const [forS3, forSqs] = [setup(), setup()]
  const s3 = new S3Client({ ...forS3.options, ...extra })
  const sqs = new SQSClient({ ...forSqs.options, ...extra })
  for (const client of [s3, sqs]) {
    if (tuned) lean(client)
    nameRequestsAlike(client)
  }
  for (const name of names) {
    forS3.login.name = name
    forSqs.login.name = name
    await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a key' })).catch(() => {})
    await sqs.send(new SendMessageCommand({ QueueUrl: 'https://queue/1/a', MessageBody: 'body' })).catch(() => {})
  }
  return [...forS3.signatures, ...forSqs.signatures]
}

/** The SDK gives each request a name by chance, and signs that too. */
function nameRequestsAlike(client: S3Client | SQSClient): void {
  const alike =
    <Args extends { readonly request?: unknown }, Answer>(next: (args: Args) => Answer) =>
    (args: Args): Answer => {
      const { request } = args
      if (typeof request === 'object' && request && 'headers' in request)
        Object.assign(request.headers ?? {}, { 'amz-sdk-invocation-id': 'alike' })
      return next(args)
    }
  client.middlewareStack.addRelativeTo(alike, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'nameRequestsAlike',
  })
}

test('a lean client signs as the SDK’s own does, also when its credentials are renewed', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const signatures = await signaturesOf(true)
  expect(signatures).toEqual(await signaturesOf(false))
  expect(new Set(signatures).size).toBe(6)
  for (const name of names) expect(signatures.filter((signature) => signature.includes(`AKIA${name}/`))).toHaveLength(2)
})

test('a lean client that could not find its region asks again', async () => {
  const { signatures, options } = setup()
  let asked = 0
  const region = async (): Promise<string> => {
    asked += 1
    if (asked > 1) return 'eu-west-1'
    throw new Error('No region yet')
  }
  const sqs = lean(new SQSClient({ ...options, region }))
  const send = () => sqs.send(new SendMessageCommand({ QueueUrl: 'https://queue/1/a', MessageBody: 'body' }))
  await expect(send()).rejects.toThrow('No region yet')
  await expect(send()).rejects.toThrow('Nothing is sent here')
  expect(signatures).toHaveLength(1)
})

describe('the hash for signatures', () => {
  const data = fc.oneof(fc.string(), fc.uint8Array())

  test("is Node's own, with and without a secret, whatever form they come in", async () => {
    const property = fc.asyncProperty(fc.option(data), fc.array(data), async (secret, parts) => {
      const mine = new Sha256(secret ?? undefined)
      const nodes = secret === null ? createHash('sha256') : createHmac('sha256', secret)
      for (const part of parts) {
        mine.update(typeof part === 'string' ? part : part.slice().buffer)
        nodes.update(part)
      }
      expect(Buffer.from(await mine.digest()).toString('hex')).toBe(nodes.digest('hex'))
    })
    await fc.assert(property)
  })

  test('begins anew after a reset, with the same secret', async () => {
    const secret = Buffer.from('secret')
    const hash = new Sha256(secret)
    hash.update('something else')
    hash.reset()
    hash.update(new DataView(Buffer.from('..data..').buffer.slice(0, 0)))
    hash.update('data')
    expect(Buffer.from(await hash.digest())).toEqual(createHmac('sha256', secret).update('data').digest())
  })
})
