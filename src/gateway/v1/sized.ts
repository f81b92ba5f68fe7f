import { Problem } from '../problem.ts'

/** The same bytes, if they are as many as was said. */
export async function* sized(
  source: AsyncIterable<unknown>,
  size: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) continue
    bytes += chunk.byteLength
    if (bytes > (size ?? bytes)) break
    yield chunk
  }
  if (bytes !== (size ?? bytes))
    throw new Problem(400, `Expected ${size} bytes, as was said, and got ${bytes > (size ?? 0) ? 'more' : bytes}`)
}
