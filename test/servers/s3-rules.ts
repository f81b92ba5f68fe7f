import type { ErrorAnswer } from './faults.ts'
import { type Forward, type Reply, errorReply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'
import { Shelf } from './shelf.ts'

/** What S3 does and fauxqs does not: conditional writes with one winner, and lists in the order of bytes. */
export class S3Rules {
  readonly #forward: Forward
  readonly #ignoresConditions: () => boolean
  readonly #shelf = new Shelf()
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(forward: Forward, ignoresConditions: () => boolean) {
    this.#forward = forward
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
    const refused = this.#ignoresConditions() ? undefined : this.#refusal(request)
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

  async #note(request: ProxiedRequest): Promise<void> {
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
