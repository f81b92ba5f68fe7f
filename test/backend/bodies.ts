import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import type { ObjectStore } from '../../src/backend.ts'

/** Bytes that are told apart by their places and by `seed`. */
export function bytes(size: number, seed = 1): Buffer {
  const result = Buffer.alloc(size)
  for (let index = 0; index < size; index += 1) result[index] = (index * 31 + (index >> 8) + seed) & 255
  return result
}

function* slices(whole: Buffer): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += 65_521) yield whole.subarray(at, at + 65_521)
}

/** A stream of them, of unknown length. */
export const chunked = (whole: Buffer): Readable => Readable.from(slices(whole), { objectMode: false })

/** A stream that fails after so many chunks. */
export function failing(chunks: number, error: Error): Readable {
  const body = async function* (): AsyncGenerator<Buffer> {
    for (let index = 0; index < chunks; index += 1) yield bytes(50_000)
    throw error
  }
  return Readable.from(body(), { objectMode: false })
}

export async function bodyOf(reading: { readonly body: Readable } | undefined): Promise<Buffer> {
  if (!reading) throw new Error('Expected an object, got undefined')
  return await buffer(reading.body)
}

export async function textOf(objects: ObjectStore, key: string): Promise<string> {
  const reading = await objects.get(key)
  return reading ? await text(reading.body) : ''
}

export const hash = (whole: Buffer): string => createHash('sha256').update(whole).digest('hex')
