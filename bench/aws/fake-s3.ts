import type { IncomingHttpHeaders } from 'node:http'

/** What is answered to a request. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer | string
}

interface Kept {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Small objects in memory, put if absent where that is asked for. Every bucket is there. */
export class FakeS3 {
  readonly #kept = new Map<string, Kept>()

  answer(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): Answer {
    const [, bucket, ...rest] = path.split('/')
    if (bucket === undefined || rest.join('/') === '') return { status: 200 }
    switch (method) {
      case 'PUT':
        return this.#put(path, headers, body)
      case 'GET':
      case 'HEAD':
        return this.#get(path, method)
      default:
        this.#kept.delete(path)
        return { status: 204 }
    }
  }

  clear(): void {
    this.#kept.clear()
  }

  #put(path: string, headers: IncomingHttpHeaders, body: Buffer): Answer {
    if (headers['if-none-match'] === '*' && this.#kept.has(path)) {
      return { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' }
    }
    const described = Object.entries(headers).filter(
      ([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'),
    )
    const etag = `"${this.#kept.size}"`
    this.#kept.set(path, {
      body,
      headers: { ...Object.fromEntries(described.map(([name, value]) => [name, String(value)])), etag },
    })
    return { status: 200, headers: { etag } }
  }

  #get(path: string, method: string): Answer {
    const kept = this.#kept.get(path)
    if (!kept)
      return { status: 404, headers: { 'content-type': 'application/xml' }, body: method === 'HEAD' ? '' : missing }
    const headers = {
      ...kept.headers,
      'content-length': kept.body.byteLength,
      'last-modified': new Date().toUTCString(),
    }
    return { status: 200, headers, body: method === 'HEAD' ? '' : kept.body }
  }
}

const missing = '<Error><Code>NoSuchKey</Code><Message>No such key</Message></Error>'
