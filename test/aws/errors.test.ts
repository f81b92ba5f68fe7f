import { S3Client } from '@aws-sdk/client-s3'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { isRemoteJobError } from '../../src/errors.ts'
import type { Answer } from '../servers/emulator.ts'
import { newPlace, setupReady } from './setup.ts'

const denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
const explained = {
  status: 403,
  code: 'AccessDenied',
  message:
    'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"',
}
const tooSlow = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' }
const elsewhere = { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-west-1' } }
const noBucket =
  'The bucket "BUCKET" does not exist, or not any more: check `bucket` and `region`, or let ready() of a new Queue make it'
const malformed = { status: 400, code: 'AuthorizationHeaderMalformed', xml: '<Region>eu-west-1</Region>' }

type Request = 'put' | 'get' | 'head' | 'list' | 'send' | 'receive' | 'extend'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('an answer of the servers becomes', () => {
  test.each<[Request, Answer, ErrorCode, string]>([
    ['put', denied, 'ACCESS_DENIED', 'Access denied: these credentials lack s3:PutObject on "BUCKET/key"'],
    [
      'put',
      explained,
      'ACCESS_DENIED',
      `Access denied: these credentials lack s3:PutObject on "BUCKET/key". AWS says: ${explained.message}`,
    ],
    [
      'get',
      denied,
      'ACCESS_DENIED',
      'Access denied: these credentials lack s3:GetObject on "BUCKET/key"; if there is no such object, s3:ListBucket on bucket "BUCKET" is what is missing',
    ],
    [
      'head',
      denied,
      'ACCESS_DENIED',
      'Access denied: these credentials lack s3:GetObject on "BUCKET/key"; if there is no such object, s3:ListBucket on bucket "BUCKET" is what is missing',
    ],
    ['list', denied, 'ACCESS_DENIED', 'Access denied: these credentials lack s3:ListBucket on bucket "BUCKET"'],
    [
      'send',
      { status: 400, code: 'AccessDeniedException' },
      'ACCESS_DENIED',
      'Access denied: these credentials lack sqs:SendMessage on queue "QUEUE"',
    ],
    [
      'receive',
      { status: 400, code: 'KmsAccessDenied' },
      'ACCESS_DENIED',
      'Access denied: these credentials lack kms:GenerateDataKey and kms:Decrypt on the key of queue "QUEUE"',
    ],
    [
      'put',
      { status: 403, code: 'InvalidAccessKeyId' },
      'NO_CREDENTIALS',
      'AWS does not accept these credentials (InvalidAccessKeyId): check the access key and its secret, and the session token of temporary ones',
    ],
    [
      'head',
      { status: 400, code: 'ExpiredToken' },
      'NO_CREDENTIALS',
      'The AWS credentials have expired (ExpiredToken): sign in again or renew them',
    ],
    [
      'put',
      elsewhere,
      'WRONG_REGION',
      'The bucket "BUCKET" is in region "eu-west-1" (PermanentRedirect): set `region` or AWS_REGION to "eu-west-1"',
    ],
    [
      'head',
      elsewhere,
      'WRONG_REGION',
      'The bucket "BUCKET" is in region "eu-west-1" (301): set `region` or AWS_REGION to "eu-west-1"',
    ],
    [
      'get',
      malformed,
      'WRONG_REGION',
      'The bucket "BUCKET" is in region "eu-west-1" (AuthorizationHeaderMalformed): set `region` or AWS_REGION to "eu-west-1"',
    ],
    [
      'head',
      malformed,
      'WRONG_REGION',
      'The bucket "BUCKET" is in region "eu-west-1" (AuthorizationHeaderMalformed): set `region` or AWS_REGION to "eu-west-1"',
    ],
    [
      'send',
      {
        status: 403,
        code: 'InvalidSignatureException',
        message: "Credential should be scoped to a valid region, not 'us-east-1'. ",
      },
      'WRONG_REGION',
      'The queue "QUEUE" is in another region than the one configured (InvalidSignatureException): set `region` or AWS_REGION',
    ],
    ['put', { status: 404, code: 'NoSuchBucket' }, 'NOT_FOUND', noBucket],
    ['get', { status: 404, code: 'NoSuchBucket' }, 'NOT_FOUND', noBucket],
    [
      'send',
      { status: 400, code: 'QueueDoesNotExist' },
      'NOT_FOUND',
      'The queue "QUEUE" does not exist in this region and account, or not any more: check its name and `region`, or let ready() of a new Queue make it',
    ],
    ['put', tooSlow, 'UNAVAILABLE', 'AWS is throttling PutObject on "BUCKET/key" (SlowDown); try again later'],
    [
      'send',
      { status: 400, code: 'RequestThrottled' },
      'UNAVAILABLE',
      'AWS is throttling SendMessage on queue "QUEUE" (RequestThrottled); try again later',
    ],
    [
      'put',
      { status: 500, message: 'Oops' },
      'UNAVAILABLE',
      'PutObject on "BUCKET/key" failed on the server\'s side (InternalError: Oops); try again later',
    ],
    [
      'head',
      { status: 503 },
      'UNAVAILABLE',
      'HeadObject on "BUCKET/key" failed on the server\'s side (503); try again later',
    ],
    [
      'put',
      'drop',
      'UNAVAILABLE',
      'No answer to PutObject on "BUCKET/key" (TimeoutError: socket hang up): check the network and `endpoint`',
    ],
    [
      'send',
      'drop',
      'UNAVAILABLE',
      'No answer to SendMessage on queue "QUEUE" (TimeoutError: socket hang up): check the network and `endpoint`',
    ],
    [
      'put',
      { status: 400, code: 'KeyTooLongError', message: 'Your key is too long' },
      'INVALID_ARGUMENT',
      'PutObject on "BUCKET/key" was refused (KeyTooLongError: Your key is too long)',
    ],
    [
      'send',
      {
        status: 400,
        code: 'InvalidParameterValue',
        message: 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
      },
      'INVALID_ARGUMENT',
      'SendMessage on queue "QUEUE" was refused (InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.)',
    ],
    [
      'extend',
      { status: 404, code: 'ReceiptHandleIsInvalid' },
      'LEASE_LOST',
      'The lease on this message of queue "QUEUE" is over: it was deleted, or another has it',
    ],
    [
      'extend',
      {
        status: 400,
        code: 'InvalidParameterValue',
        message: 'Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.',
      },
      'LEASE_LOST',
      'The lease on this message of queue "QUEUE" is over: it was deleted, or another has it',
    ],
    [
      'extend',
      {
        status: 400,
        code: 'InvalidParameterValue',
        message: 'Value 43201 for parameter VisibilityTimeout is invalid.',
      },
      'INVALID_ARGUMENT',
      'ChangeMessageVisibility on queue "QUEUE" was refused (InvalidParameterValue: Value 43201 for parameter VisibilityTimeout is invalid.)',
    ],
    [
      'list',
      { status: 501, code: 'NotImplemented' },
      'UNSUPPORTED',
      'The server does not support ListObjectsV2 as it was asked for on bucket "BUCKET" (NotImplemented)',
    ],
  ])('%s %j → %s', async (request, answer, code, text) => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    const { emulator, objects, pending, place } = await setupReady()
    await pending.send({ body: 'so that its URL is known' })
    emulator.fail({ answer, times: Infinity })
    const requests: Record<Request, () => Promise<unknown>> = {
      put: () => objects.put('key', Buffer.from('body')),
      get: () => objects.get('key'),
      head: () => objects.head('key'),
      list: () => objects.list(''),
      send: () => pending.send({ body: 'body' }),
      receive: () => pending.receive({ max: 1, waitSeconds: 0, leaseSeconds: 30 }),
      extend: () => pending.extend('receipt', 30),
    }
    const named = text.replaceAll('BUCKET', place.bucket).replaceAll('QUEUE', place.pendingQueue ?? '')
    const error = await rejection(requests[request]())
    expect([error.message, error.code]).toEqual([named, code])
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('nothing, where the same request is answered when it is repeated', async () => {
    const { emulator, objects } = await setupReady()
    emulator.fail({ answer: { status: 500 }, times: 2 })
    emulator.fail({ answer: 'drop', from: 3, times: 2 })
    expect(await objects.put('key', Buffer.from('body'))).toMatchObject({ size: 4 })
    expect(emulator.count('PutObject')).toBe(5)
  })
})

describe('settings that lead nowhere are told clearly', () => {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' }

  test.each<[string, AwsOptions, ErrorCode, RegExp]>([
    [
      'no region',
      { credentials },
      'INVALID_ARGUMENT',
      /^No AWS region is configured\. Set AWS_REGION.*on this machine alone, set REMOTEJOB_LOCAL to a folder$/,
    ],
    [
      'a region that is none',
      { credentials, region: 'bad region' },
      'INVALID_ARGUMENT',
      /^The AWS region is none: .*"bad region"/,
    ],
    [
      'an endpoint that is none',
      { credentials, region: 'us-east-1', endpoint: 'nonsense' },
      'INVALID_ARGUMENT',
      /^Expected `endpoint` to be a URL/,
    ],
    [
      'an endpoint without a server',
      { credentials, region: 'us-east-1', endpoint: 'http://127.0.0.1:1' },
      'UNAVAILABLE',
      /^No answer to PutObject on .* \(ECONNREFUSED: .*127\.0\.0\.1:1\): check the network and `endpoint`$/,
    ],
    [
      'no credentials',
      { region: 'us-east-1' },
      'NO_CREDENTIALS',
      /^No AWS credentials were found \(.*\)\. Set AWS_ACCESS_KEY_ID/,
    ],
  ])('%s', async (_, options, code, text) => {
    withoutEnvironment()
    const opened = awsBackend(options).open(newPlace())
    const error = await rejection(opened.objects.put('key', Buffer.from('body')))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(text)])
    expect(JSON.stringify([error.message, error.stack])).not.toContain(credentials.secretAccessKey)
    await opened.close()
  })

  test('credentials that cannot be had, in the words of who was asked', async () => {
    withoutEnvironment()
    const vault = (): never => {
      throw new Error('The vault is sealed')
    }
    const s3 = new S3Client({ region: 'us-east-1', credentials: vault })
    const opened = awsBackend({ s3 }).open(newPlace())
    expect((await rejection(opened.objects.head('key'))).message).toContain('The vault is sealed')
  })
})

/** As on a machine where nobody set up AWS. */
function withoutEnvironment(): void {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
}

async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { readonly code: string; readonly cause?: unknown }> {
  const outcome: unknown = await promise.then(
    (value) => new Error(`Expected a rejection, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (isRemoteJobError(outcome)) return outcome
  throw outcome
}
