import type { GatewayContext } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/** Far more than a definition may have. */
const mostBytes = 64 * 1024

/**
 * The body as JSON, whatever its content type says: `curl -d` calls it a form. None at all is an empty object.
 * @throws Problem 400 for what is no JSON and what breaks off, 413 for what is too large
 */
export async function readJsonBody(c: GatewayContext): Promise<unknown> {
  if (Number(c.req.header('Content-Length') ?? 0) > mostBytes) throw tooLarge()
  const bytes = await readBytes(c.req.raw.body)
  if (bytes.byteLength === 0) return {}
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new Problem(400, 'The body is not JSON, in UTF-8: send an object such as {"Args":["10"]}', { cause: error })
  }
}

/** No more is kept than is allowed, whatever its header says of its length. */
async function readBytes(body: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength
      if (size > mostBytes) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(400, 'The body broke off: send it again', { cause: error })
  }
  return Buffer.concat(chunks)
}

function tooLarge(): Problem {
  return new Problem(413, `The body is larger than ${mostBytes} bytes: leave large values to a config map`)
}
