import { Agent as HttpsAgent } from 'node:https'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import type { SQSClientConfig } from '@aws-sdk/client-sqs'
import type { AwsOptions } from './options.ts'
import { Sha256 } from './sha256.ts'

// An import would also load all that `node:http` has for whoever asks for it, a second HTTP client among it: 2 MiB of memory on top of the SDK.
const { Agent: HttpAgent } = process.getBuiltinModule('node:http')

/** Milliseconds to wait for a connection; without it the SDK waits for ever. */
const connectionTimeout = 3_000

/** Milliseconds without a byte after which a body that is read is given up. */
export const silenceTimeout = 30_000

/** Milliseconds without a byte after which a request is given up. */
export interface Patience {
  /** Of one about objects. It is made once more then, so that one dead connection is not the end of a job's work. */
  readonly objects: number
  /** Of one about messages, which is made once more too: a heartbeat must have time for both within its lease. */
  readonly messages: number
  /** Of a long poll: above its 20 s. Whoever polls does so again anyway. */
  readonly polls: number
}

/** So that a server which never answers costs 30 s at S3, 10 s at SQS. */
export const patience: Patience = { objects: 15_000, messages: 5_000, polls: 30_000 }

/**
 * Sockets of a client whose requests end by themselves. The SDK's 50 are few for many hands, and a burst of thousands of
 * handshakes would be slower than waiting for one of these.
 */
const manySockets = 128

/** The SDK's 3 tries are over within half a second. AWS_MAX_ATTEMPTS still decides. */
const maxAttempts = 6

/** For requests about objects. */
export function s3Config(options: AwsOptions, { objects } = patience): S3ClientConfig {
  return { ...s3Base(options), requestHandler: { ...handler(manySockets), socketTimeout: objects } }
}

/**
 * For reading bodies. A reader may pause for as long as it likes, so silence is no failure here: the wait for the answer is
 * limited, and the body watches itself. A limit on sockets could stop writers who wait for the bodies they copy from.
 */
export function bodiesConfig(options: AwsOptions, { objects } = patience): S3ClientConfig {
  const answer = { requestTimeout: objects, throwOnRequestTimeout: true }
  return { ...s3Base(options), requestHandler: { ...handler(Infinity), ...answer } }
}

/** For sending and settling messages. */
export function sqsConfig(options: AwsOptions, { messages } = patience): SQSClientConfig {
  return { ...sqsBase(options), requestHandler: { ...handler(manySockets), socketTimeout: messages } }
}

/** For long polls: as many sockets as there are receivers. */
export function pollsConfig(options: AwsOptions, { polls } = patience): SQSClientConfig {
  return { ...sqsBase(options), requestHandler: { ...handler(Infinity), socketTimeout: polls } }
}

function s3Base(options: AwsOptions): S3ClientConfig {
  const endpoint = options.endpoint ?? environmentEndpoint('AWS_ENDPOINT_URL_S3')
  return {
    ...common(options, endpoint),
    ...(endpoint === undefined ? {} : { forcePathStyle: true, ...plainChecksums() }),
  }
}

/** MD5 sums of messages are left out: TLS and TCP check the bytes already, and they take a seventh of a request's time. */
function sqsBase(options: AwsOptions): SQSClientConfig {
  const endpoint = options.endpoint ?? environmentEndpoint('AWS_ENDPOINT_URL_SQS')
  return {
    ...common(options, endpoint),
    md5: false,
    ...(endpoint === undefined ? {} : { useQueueUrlAsEndpoint: false }),
  }
}

function common({ region, credentials }: AwsOptions, endpoint: string | undefined) {
  return {
    sha256: Sha256,
    ...(process.env['AWS_MAX_ATTEMPTS'] ? {} : { maxAttempts }),
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

/** Agents made here: with one of its own the SDK opens a new connection for every body of 2 MiB and more. */
function handler(maxSockets: number) {
  return {
    connectionTimeout,
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
  }
}

/** Many servers other than AWS refuse the SDK's checksums; the SDK's own variables still decide. */
function plainChecksums(): S3ClientConfig {
  const { AWS_REQUEST_CHECKSUM_CALCULATION: request, AWS_RESPONSE_CHECKSUM_VALIDATION: response } = process.env
  return {
    ...(request ? {} : { requestChecksumCalculation: 'WHEN_REQUIRED' }),
    ...(response ? {} : { responseChecksumValidation: 'WHEN_REQUIRED' }),
  }
}

/** The SDK reads these too, but does not know that such a server needs other settings. */
function environmentEndpoint(name: string): string | undefined {
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined
  return process.env[name] || process.env['AWS_ENDPOINT_URL'] || undefined
}
