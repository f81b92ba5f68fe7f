import type { IncomingHttpHeaders } from 'node:http'

/** A request as the emulator saw it. */
export interface RecordedRequest {
  /** S3's or SQS's name for it, e.g. `PutObject`, `SendMessage`. */
  readonly operation: string
  readonly service: 's3' | 'sqs'
  readonly bucket: string | undefined
  /** The object's key, or the queue's name. */
  readonly key: string | undefined
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Bytes of the body. */
  readonly bytes: number
  /** The body, unless it is an object's bytes. */
  readonly body: string
}

/** A request with what is needed to send it on. */
export interface ProxiedRequest extends RecordedRequest {
  readonly method: string
  readonly path: string
  readonly payload: Buffer
}

/** What is worth keeping of a request when it is over. */
export function recordOf({ method: _, path: __, payload: ___, ...record }: ProxiedRequest): RecordedRequest {
  return record
}

export function requestFrom(
  method: string,
  path: string,
  headers: IncomingHttpHeaders,
  payload: Buffer,
): ProxiedRequest {
  const [pathname = '/', search] = path.split('?', 2)
  const query = new URLSearchParams(search)
  const common = { method, path, payload, query, headers, bytes: payload.byteLength }
  const target = headers['x-amz-target']
  if (typeof target === 'string') {
    const operation = target.replace('AmazonSQS.', '')
    return { ...common, service: 'sqs', operation, bucket: undefined, key: queueOf(payload), body: payload.toString() }
  }
  const [bucket, ...rest] = pathname.slice(1).split('/')
  const key = decodeURIComponent(rest.join('/'))
  const operation = key === '' ? bucketOperation(method, query) : objectOperation(method, query)
  if (key === '') return { ...common, service: 's3', operation, bucket, key: undefined, body: payload.toString() }
  return { ...common, service: 's3', operation, bucket, key, body: method === 'POST' ? payload.toString() : '' }
}

function queueOf(payload: Buffer): string | undefined {
  const input: unknown = JSON.parse(payload.toString())
  if (typeof input !== 'object' || input === null) return undefined
  if ('QueueUrl' in input && typeof input.QueueUrl === 'string') return input.QueueUrl.split('/').at(-1)
  return 'QueueName' in input && typeof input.QueueName === 'string' ? input.QueueName : undefined
}

/** What a bucket can be asked for beside its objects, by the query that asks. */
const bucketQuestions = {
  delete: 'DeleteObjects',
  encryption: 'GetBucketEncryption',
  'object-lock': 'GetObjectLockConfiguration',
  uploads: 'ListMultipartUploads',
  versioning: 'GetBucketVersioning',
  versions: 'ListObjectVersions',
} as const

function bucketOperation(method: string, query: URLSearchParams): string {
  if (query.has('lifecycle'))
    return method === 'PUT' ? 'PutBucketLifecycleConfiguration' : 'GetBucketLifecycleConfiguration'
  if (query.has('notification'))
    return method === 'PUT' ? 'PutBucketNotificationConfiguration' : 'GetBucketNotificationConfiguration'
  for (const [name, operation] of Object.entries(bucketQuestions)) if (query.has(name)) return operation
  return (
    { HEAD: 'HeadBucket', PUT: 'CreateBucket', GET: 'ListObjectsV2', DELETE: 'DeleteBucket' }[method] ??
    `${method} bucket`
  )
}

function objectOperation(method: string, query: URLSearchParams): string {
  if (query.has('uploads')) return 'CreateMultipartUpload'
  if (query.has('uploadId')) {
    return { PUT: 'UploadPart', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' }[method] ?? 'ListParts'
  }
  return (
    { HEAD: 'HeadObject', PUT: 'PutObject', GET: 'GetObject', DELETE: 'DeleteObject' }[method] ?? `${method} object`
  )
}
