import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto'

/** Bytes as the SDK hands them over. */
type Bytes = string | ArrayBuffer | ArrayBufferView

/** Keys that were used before, for as long as the SDK keeps their bytes. */
const known = new WeakMap<object, KeyObject>()

/**
 * SHA-256, and with a secret its HMAC, for the SDK's signatures. The SDK's own makes Node take the key apart again for every
 * request, which costs more than all the rest of signing it.
 */
export class Sha256 {
  readonly #secret: Bytes | undefined
  #hash: Hash | Hmac

  constructor(secret?: Bytes) {
    this.#secret = secret
    this.#hash = hashWith(secret)
  }

  update(data: Bytes): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = hashWith(this.#secret)
  }
}

function hashWith(secret: Bytes | undefined): Hash | Hmac {
  if (secret === undefined) return createHash('sha256')
  return createHmac('sha256', typeof secret === 'string' ? secret : keyFrom(secret))
}

function keyFrom(secret: ArrayBuffer | ArrayBufferView): KeyObject {
  const key = known.get(secret) ?? createSecretKey(bytesOf(secret))
  known.set(secret, key)
  return key
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (data instanceof Uint8Array) return data
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
