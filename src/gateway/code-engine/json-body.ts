import { Place } from '../../runs/vocabularies/document.ts'
import type { GatewayContext } from '../gateway-env.ts'
import { takeLargeBody } from '../limits/limit-body.ts'
import { Problem } from '../problem.ts'

/** More than the 10 KiB of a definition take, however they are written. */
export const mostDefinitionBytes = 64 * 1024
/** The same of the 1 MiB of a config map or secret. */
export const mostValuesBytes = 4 * 1024 * 1024

/**
 * The body of a request, which is JSON.
 * @throws Problem 400, 413, 415
 */
export async function jsonBody(c: GatewayContext, mostBytes: number): Promise<Place> {
  const type = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/merge-patch+json')
    throw new Problem(415, 'Send the body as JSON, with Content-Type: application/json')
  // It is held to its own measure.
  takeLargeBody(c)
  const bytes = await bytesWithin(c.req.raw, mostBytes)
  return new Place(parse(bytes))
}

async function bytesWithin({ body, headers }: Request, most: number): Promise<Uint8Array> {
  const tooMany = new Problem(413, `Expected a body of at most ${most} bytes`)
  if (Number(headers.get('Content-Length')) > most) throw tooMany
  const chunks: Uint8Array[] = []
  let length = 0
  const stream: AsyncIterable<Uint8Array> | undefined = body ?? undefined
  try {
    for await (const chunk of stream ?? []) {
      length += chunk.byteLength
      // What is left of it is not read.
      if (length > most) throw tooMany
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(400, 'The body broke off: send it again', { cause: error })
  }
  return Buffer.concat(chunks)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    // The parser's own words show a part of the body, which may be a secret.
    throw new Problem(400, 'The body is not JSON in UTF-8', { cause: error })
  }
}
