import { isRemoteJobError } from '../errors.ts'

/** Why AWS, the SDK or the network refused, in our own words. */
export type Reason = (typeof reasonByName)[keyof typeof reasonByName] | 'unknown'

/** What can be told of a failed request. */
export interface Failure {
  readonly reason: Reason
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  /** The region where the bucket is, when the answer says so. */
  readonly region: string | undefined
}

/**
 * Error names of S3, SQS, the SDK and Node. SQS's older names (`AWS.SimpleQueueService.X`) are looked up without their prefix.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
const reasonByName = {
  CredentialsProviderError: 'no-credentials',
  TokenProviderError: 'no-credentials',
  InvalidAccessKeyId: 'bad-credentials',
  // versitygw's name for it, with the status 404.
  XAdminUserNotFound: 'bad-credentials',
  InvalidClientTokenId: 'bad-credentials',
  UnrecognizedClientException: 'bad-credentials',
  SignatureDoesNotMatch: 'bad-credentials',
  InvalidSignatureException: 'bad-credentials',
  InvalidToken: 'bad-credentials',
  InvalidSecurity: 'bad-credentials',
  ExpiredToken: 'expired-credentials',
  ExpiredTokenException: 'expired-credentials',
  RequestExpired: 'expired-credentials',
  RequestTimeTooSkewed: 'clock',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  AllAccessDisabled: 'denied',
  AccountProblem: 'denied',
  Forbidden: 'denied',
  KmsAccessDenied: 'denied',
  'KMS.AccessDeniedException': 'denied',
  BucketAlreadyExists: 'taken',
  BucketAlreadyOwnedByYou: 'owned',
  AuthorizationHeaderMalformed: 'wrong-region',
  PermanentRedirect: 'wrong-region',
  IllegalLocationConstraintException: 'wrong-region',
  NoSuchBucket: 'no-bucket',
  NoSuchLifecycleConfiguration: 'no-rules',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  QueueDoesNotExist: 'no-queue',
  NonExistentQueue: 'no-queue',
  QueueNameExists: 'queue-exists',
  QueueAlreadyExists: 'queue-exists',
  QueueDeletedRecently: 'queue-deleted',
  PreconditionFailed: 'precondition',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  BucketNotEmpty: 'not-empty',
  InvalidRange: 'range',
  NoSuchUpload: 'no-upload',
  NotImplemented: 'unsupported',
  UnsupportedOperation: 'unsupported',
  ReceiptHandleIsInvalid: 'lease-lost',
  MessageNotInflight: 'lease-lost',
  SlowDown: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  ThrottledException: 'throttled',
  RequestThrottled: 'throttled',
  RequestThrottledException: 'throttled',
  TooManyRequestsException: 'throttled',
  KmsThrottled: 'throttled',
  OverLimit: 'throttled',
  TimeoutError: 'unreachable',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EPIPE: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  RequestTimeout: 'unavailable',
  RequestTimeoutException: 'unavailable',
  InternalError: 'unavailable',
  InternalFailure: 'unavailable',
  ServiceUnavailable: 'unavailable',
  Busy: 'unavailable',
  InvalidParameterValue: 'invalid',
  InvalidParameterCombination: 'invalid',
  InvalidMessageContents: 'invalid',
  MessageTooLong: 'invalid',
  InvalidBucketName: 'invalid',
  ERR_INVALID_URL: 'bad-endpoint',
  EndpointError: 'bad-endpoint',
  // Whoever answered speaks no TLS, or no HTTP.
  EPROTO: 'foreign',
  HPE_INVALID_CONSTANT: 'foreign',
  SyntaxError: 'foreign',
  NoRegion: 'no-region',
  BadRegion: 'bad-region',
} as const satisfies Record<string, string>

const reasons: ReadonlyMap<string, Reason> = new Map(Object.entries(reasonByName))

/** Answers to HEAD have no body, so the SDK calls them `Unknown`: only the status tells. */
const reasonByStatus: ReadonlyMap<number, Reason> = new Map([
  [301, 'wrong-region'],
  [302, 'foreign'],
  [303, 'foreign'],
  [307, 'wrong-region'],
  [308, 'foreign'],
  [401, 'denied'],
  [403, 'denied'],
  [404, 'missing'],
  [408, 'unavailable'],
  [409, 'conflict'],
  [412, 'precondition'],
  [416, 'range'],
  [429, 'throttled'],
  [501, 'unsupported'],
])

/** Reads what any thrown value says about a failed request. */
export function failureOf(error: unknown): Failure {
  const name = nameOf(error)
  const message = textOf(error, 'message') ?? ''
  const status = numberOf(propertyOf(error, '$metadata'), 'httpStatusCode')
  const headers = propertyOf(propertyOf(error, '$response'), 'headers')
  const region = textOf(error, 'Region') ?? textOf(headers, 'x-amz-bucket-region')
  const reason = isUnreadable(message, status) ? 'foreign' : (reasons.get(name) ?? reasonOfStatus(status))
  return { reason: refine(reason, message, region), name, message, status, region }
}

/** Whether the answer is no XML or JSON; that of a proxy in trouble is not, either. */
function isUnreadable(message: string, status: number | undefined): boolean {
  return /Deserialization error|XML parse error/.test(message) && (status ?? 0) < 500
}

/** Why a request failed, also after its error was translated: the cause is asked. */
export function reasonOf(error: unknown): Reason {
  return failureOf(isRemoteJobError(error) ? error.cause : error).reason
}

/** The SDK's name for the error; Node's code where the name says nothing. */
function nameOf(error: unknown): string {
  const name = (textOf(error, 'name') ?? 'Error').replace(/^AWS\.SimpleQueueService\./, '')
  if (reasons.has(name)) return name
  const message = textOf(error, 'message') ?? ''
  if (/^Region (is missing|not accepted: region="")/.test(message)) return 'NoRegion'
  if (message.startsWith('Region not accepted')) return 'BadRegion'
  return textOf(error, 'code') ?? name
}

function reasonOfStatus(status: number | undefined): Reason {
  if (status === undefined) return 'unknown'
  return reasonByStatus.get(status) ?? (status >= 500 ? 'unavailable' : 'invalid')
}

/** Some names mean several things; the text or a header tells them apart. */
function refine(reason: Reason, message: string, region: string | undefined): Reason {
  if (reason === 'bad-credentials' && /valid region/i.test(message)) return 'wrong-region'
  if (reason === 'bad-credentials' && /signature (expired|not yet current)/i.test(message)) return 'clock'
  if (reason !== 'invalid') return reason
  if (region !== undefined) return 'wrong-region'
  const receipt = /receipt ?handle|visibility timeout change/i.test(message)
  return receipt ? 'lease-lost' : 'invalid'
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function textOf(value: unknown, key: string): string | undefined {
  const property = propertyOf(value, key)
  return typeof property === 'string' ? property : undefined
}

function numberOf(value: unknown, key: string): number | undefined {
  const property = propertyOf(value, key)
  return typeof property === 'number' ? property : undefined
}
