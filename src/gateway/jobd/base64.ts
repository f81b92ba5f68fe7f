/** Why a text is no base64. */
export class Base64Error extends Error {
  override readonly name = 'Base64Error'
}

/**
 * The bytes of a text in base64 (RFC 4648, section 4), piece by piece. Line ends in it are passed over, as Go does, and padding may be
 * left out.
 * @throws Base64Error
 */
export async function* fromBase64(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  let rest = ''
  for await (const piece of pieces) {
    const text = rest + piece.replaceAll(/[\r\n]+/g, '')
    const whole = text.length - (text.length % 4)
    rest = text.slice(whole)
    // What is padded is the end: it waits for what comes, so that nothing may.
    if (text.includes('=')) rest = text.slice(Math.max(0, text.indexOf('=') - (text.indexOf('=') % 4)))
    const ready = text.slice(0, text.length - rest.length)
    if (!/^[A-Za-z0-9+/]*$/.test(ready) || rest.length > 4) throw new Base64Error('it is no base64')
    if (ready !== '') yield Buffer.from(ready, 'base64')
  }
  if (!/^(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?|)$/.test(rest)) throw new Base64Error('it is no base64')
  if (rest !== '') yield Buffer.from(rest, 'base64')
}

/** Bytes as a text in base64, with padding, piece by piece. */
export async function* toBase64(chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue
    const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = bytes.byteLength - (bytes.byteLength % 3)
    if (whole > 0) yield encoded(bytes.subarray(0, whole))
    rest = bytes.subarray(whole)
  }
  if (rest.byteLength > 0) yield encoded(rest)
}

/** Characters that so many bytes are. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

function encoded({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(buffer, byteOffset, byteLength).toString('base64'), 'latin1')
}
