import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { Parts, partSizes } from '../../src/aws/parts.ts'

const MiB = 1024 * 1024
const TiB = MiB * MiB

test('ten thousand parts suffice for 5 TiB of known size, and all are alike', () => {
  const sizeOf = partSizes(5 * TiB)
  expect(sizeOf(1) * 10_000).toBeGreaterThanOrEqual(5 * TiB)
  expect(sizeOf(10_000)).toBe(sizeOf(1))
})

test('ten thousand parts suffice for 7 TiB of unknown size, and the first 4 GiB take 5 MiB each', () => {
  const sizeOf = partSizes(undefined)
  const total = Array.from({ length: 10_000 }, (_, index) => sizeOf(index + 1)).reduce((sum, size) => sum + size, 0)
  expect(total).toBeGreaterThan(7 * TiB)
  expect([sizeOf(1), sizeOf(950), sizeOf(951)]).toEqual([5 * MiB, 5 * MiB, 10 * MiB])
})

test('a small known size does not make small parts, which S3 refuses', () => {
  expect(partSizes(1)(1)).toBe(5 * MiB)
})

test('a stream of exactly one part is one part', async () => {
  const parts = []
  for await (const { number, bytes, last } of new Parts(Readable.from([Buffer.alloc(5 * MiB)]), undefined)) {
    parts.push([number, bytes.byteLength, last])
  }
  expect(parts).toEqual([[1, 5 * MiB, true]])
})

test('recycled memory does not leak into later parts', async () => {
  const chunks = [Buffer.alloc(5 * MiB, 'a'), Buffer.alloc(5 * MiB, 'b'), Buffer.alloc(5, 'c')]
  const parts = new Parts(Readable.from(chunks), undefined)
  const seen: string[] = []
  for await (const part of parts) {
    seen.push(
      `${part.bytes.byteLength}${Buffer.from(part.bytes.subarray(0, 1)).toString()}${Buffer.from(part.bytes.subarray(-1)).toString()}`,
    )
    parts.recycle(part)
  }
  expect(seen).toEqual([`${5 * MiB}aa`, `${5 * MiB}bb`, '5cc'])
})
