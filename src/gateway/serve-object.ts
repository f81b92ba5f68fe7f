import type { Readable } from 'node:stream'
import type { StoredObject } from '../lifecycle/stored-object.ts'
import { type Part, partOf } from './byte-ranges.ts'
import { isKnown, matches, quoted } from './conditional.ts'
import type { GatewayContext } from './gateway-env.ts'
import { Problem } from './problem.ts'
import { begun, type Chunks, streamOf } from './stream-of.ts'

/** How a browser is to take it. */
export interface ServeOptions {
  /** Shown where it can be, or kept as a file. @default 'attachment' */
  readonly disposition?: 'inline' | 'attachment' | undefined
}

/** A media type as RFC 9110 has it. Anything else is told as bytes: browsers read the last of several, and a header is ASCII. */
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+(?:[ \t]*;[\x20-\x2b\x2d-\x7e]*)?$/

/** Media types that run nothing, so that a browser's own viewers may show them. */
const harmless = /^(?:application\/pdf|(?:audio|video)\/[\w.+-]+|image\/(?!svg)[\w.+-]+)$/i

/** What a browser's own viewers need: the file itself, and their own styles. None starts within a sandbox. */
const viewedPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
/** What a drawing needs to look as it should; it can tell nobody anything. */
const foreignPolicy = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; sandbox"

/**
 * The answer that is an object's bytes, or those that the caller asks for (`Range`): streamed, of the version that was meant. Whatever
 * somebody stored is served so that no script in it can run in the gateway's origin.
 */
export async function serveObject(
  c: GatewayContext,
  object: StoredObject,
  { disposition = 'attachment' }: ServeOptions = {},
): Promise<Response> {
  const tag = quoted(object.etag)
  const ifMatch = c.req.header('If-Match')
  if (ifMatch !== undefined && !matches(ifMatch, tag)) throw new Problem(412, 'There is another version of that now')
  if (isKnown(c, tag)) return new Response(null, { status: 304, headers: { ETag: tag } })
  const part = wantedPart(c, tag, object.size)
  const headers = { ...describe(object, disposition), ETag: tag, 'Cache-Control': 'private, no-cache' }
  if (part === 'unsatisfiable')
    throw new Problem(416, `There are only ${object.size} bytes`, {
      headers: { 'Content-Range': `bytes */${object.size}` },
    })
  const isHead = c.req.method === 'HEAD'
  if (part === 'all') {
    const length = { 'Content-Length': String(object.size) }
    return new Response(isHead ? null : await bodyOf(c, object, {}), { headers: { ...headers, ...length } })
  }
  const range = `bytes ${part.start}-${part.end}/${object.size}`
  const length = { 'Content-Range': range, 'Content-Length': String(part.end - part.start + 1) }
  return new Response(isHead ? null : await bodyOf(c, object, part), {
    status: 206,
    headers: { ...headers, ...length },
  })
}

/** A range is only for who knows of which version it is, where they say so. */
function wantedPart(c: GatewayContext, tag: string, size: number): Part {
  const ifRange = c.req.header('If-Range')
  return ifRange === undefined || ifRange === tag ? partOf(c.req.header('Range'), size) : 'all'
}

function describe({ contentType, filename }: StoredObject, disposition: string): Record<string, string> {
  const type = contentType !== undefined && mediaType.test(contentType) ? contentType : 'application/octet-stream'
  return {
    'Content-Type': type,
    'Content-Disposition': dispositionOf(disposition, filename),
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': harmless.test(type) ? viewedPolicy : foreignPolicy,
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
}

/** As RFC 6266 has it, for names of any characters. */
export function dispositionOf(disposition: string, filename: string | undefined): string {
  if (filename === undefined) return disposition
  const plain = filename.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const name = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  )
  return `${disposition}; filename="${plain}"; filename*=UTF-8''${name}`
}

async function bodyOf(
  c: GatewayContext,
  object: StoredObject,
  range: { readonly start?: number; readonly end?: number },
): Promise<ReadableStream<Uint8Array>> {
  const stream = object.createReadStream({ ...range, signal: c.req.raw.signal })
  return streamOf(await begun(chunksOf(stream)), () => stream.destroy())
}

async function* chunksOf(stream: Readable): Chunks {
  for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk
}
