import type { RecordedRequest } from './request.ts'

interface Item {
  readonly etag: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
}

type Place = Pick<RecordedRequest, 'bucket' | 'key'>

/** What is in the buckets, so that it can be listed as S3 does. */
export class Shelf {
  readonly #buckets = new Map<string, Map<string, Item>>()

  get({ bucket = '', key = '' }: Place): Item | undefined {
    return this.#buckets.get(bucket)?.get(key)
  }

  put({ bucket = '', key = '' }: Place, item: Item): void {
    const items = this.#buckets.get(bucket) ?? new Map<string, Item>()
    this.#buckets.set(bucket, items.set(key, item))
  }

  remove({ bucket = '', key = '' }: Place): void {
    this.#buckets.get(bucket)?.delete(key)
  }

  /** A page of keys in the order of their UTF-8 bytes, URL-encoded when that is asked for. */
  list({ bucket = '', query }: RecordedRequest): Buffer {
    const prefix = query.get('prefix') ?? ''
    const after = Buffer.from(query.get('start-after') ?? '')
    const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
    const fitting = [...(this.#buckets.get(bucket) ?? [])]
      .filter(([key]) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), after) > 0)
      .toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    const page = fitting.slice(0, limit)
    const encoding =
      query.get('encoding-type') === 'url' ? { element: '<EncodingType>url</EncodingType>', encode: urlEncode } : plain
    return Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
        `<Name>${bucket}</Name><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys>${encoding.element}` +
        `<IsTruncated>${fitting.length > limit}</IsTruncated>` +
        `${page.map(([key, item]) => contents(encoding.encode(key), item)).join('')}</ListBucketResult>`,
    )
  }
}

const plain = { element: '', encode: (key: string): string => key.replaceAll('&', '&amp;').replaceAll('<', '&lt;') }

/** As S3 does it: a space is a plus, a slash stays. */
function urlEncode(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
}

function contents(key: string, { etag, size, lastModified }: Item): string {
  return (
    `<Contents><Key>${key}</Key><LastModified>${lastModified.toISOString()}</LastModified>` +
    `<ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  )
}
