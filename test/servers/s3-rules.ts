import { createHash } from 'node:crypto'
import type { ErrorAnswer } from './faults.ts'
import { Notifications } from './notifications.ts'
import { type Forward, type Reply, errorReply, xmlReply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'
import { Shelf } from './shelf.ts'
import { Uploads } from './uploads.ts'

/** What S3 does and fauxqs does not: conditional writes with one winner, sums of bytes, lists in the order of bytes, and of unfinished uploads, and who is told of objects. */
export class S3Rules {
  readonly #forward: Forward
  readonly #ignoresConditions: () => boolean
  readonly #shelf = new Shelf()
  readonly #uploads = new Uploads()
  readonly #notifications: Notifications
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(forward: Forward, ignoresConditions: () => boolean) {
    this.#forward = forward
    this.#notifications = new Notifications(forward)
    this.#ignoresConditions = ignoresConditions
  }

  perform(request: ProxiedRequest): Promise<Reply> {
    switch (request.operation) {
      case 'PutObject':
      case 'CompleteMultipartUpload':
      case 'DeleteObject':
        return this.#inTurn(`${request.bucket}/${request.key}`, () => this.#write(request))
      case 'ListObjectsV2':
        return this.#list(request)
      case 'DeleteObjects':
        return this.#deleteMany(request)
      case 'CreateMultipartUpload':
      case 'AbortMultipartUpload':
        return this.#upload(request)
      case 'GetBucketNotificationConfiguration':
      case 'PutBucketNotificationConfiguration':
        return this.#notifications.perform(request)
      case 'ListMultipartUploads':
        return Promise.resolve(this.#uploads.list(request))
      // fauxqs takes these for a listing.
      case 'GetBucketVersioning':
        return Promise.resolve(xmlReply('<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'))
      case 'GetBucketEncryption':
      case 'GetObjectLockConfiguration':
        return Promise.resolve(errorReply(request, { status: 501, code: 'NotImplemented' }))
      default:
        return this.#forward(request)
    }
  }

  /** One write of a key at a time. */
  async #inTurn(key: string, write: () => Promise<Reply>): Promise<Reply> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(write, write)
    this.#turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
  }

  async #write(request: ProxiedRequest): Promise<Reply> {
    const refused = mismatch(request) ?? (this.#ignoresConditions() ? undefined : this.#refusal(request))
    if (refused) return errorReply(request, refused)
    const reply = await this.#forward(request)
    if (reply.status < 300) await this.#note(request)
    return reply
  }

  #refusal(request: ProxiedRequest): ErrorAnswer | undefined {
    const { 'if-none-match': ifNoneMatch, 'if-match': ifMatch } = request.headers
    const present = this.#shelf.get(request)
    if (ifNoneMatch === '*' && present) return { status: 412, code: 'PreconditionFailed' }
    if (ifMatch === undefined || ifMatch === present?.etag) return undefined
    return present ? { status: 412, code: 'PreconditionFailed' } : { status: 404, code: 'NoSuchKey' }
  }

  async #deleteMany(request: ProxiedRequest): Promise<Reply> {
    const reply = await this.#forward(request)
    for (const [, key = ''] of request.body.matchAll(/<Key>([^<]*)<\/Key>/g))
      if (reply.status < 300) this.#shelf.remove({ bucket: request.bucket, key: plainText(key) })
    return reply
  }

  async #upload(request: ProxiedRequest): Promise<Reply> {
    const reply = await this.#forward(request)
    if (reply.status < 300) this.#uploads.note(request, reply)
    return reply
  }

  async #note(request: ProxiedRequest): Promise<void> {
    this.#uploads.end(request)
    if (request.operation === 'DeleteObject') return this.#shelf.remove(request)
    const path = request.path.split('?', 1)[0] ?? '/'
    const { headers } = await this.#forward({
      method: 'HEAD',
      path,
      headers: request.headers,
      payload: Buffer.alloc(0),
    })
    this.#shelf.put(request, {
      etag: String(headers['etag']),
      size: Number(headers['content-length']),
      lastModified: new Date(String(headers['last-modified'])),
    })
  }

  /** fauxqs says whether there is such a bucket; what it lists is another matter. */
  async #list(request: ProxiedRequest): Promise<Reply> {
    const reply = await this.#forward(request)
    return reply.status === 200 ? { ...reply, body: this.#shelf.list(request), headers: plain(reply.headers) } : reply
  }
}

function plain({ 'content-length': _, ...headers }: Reply['headers']): Reply['headers'] {
  return headers
}

/** Whether the bytes are not those whose sum was sent with them. */
function mismatch({ headers, payload }: ProxiedRequest): ErrorAnswer | undefined {
  const sum = headers['content-md5']
  if (sum === undefined || sum === createHash('md5').update(payload).digest('base64')) return undefined
  return { status: 400, code: 'BadDigest' }
}

/** The text of an XML element. */
function plainText(xml: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return xml.replaceAll(/&(\w+);/g, (entity, name: string) => named[name] ?? entity)
}
