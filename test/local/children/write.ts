// Writes objects and messages without end, and prints what was acknowledged.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Written } from '../../../src/backend.ts'
import { openTest, print } from './open.ts'

const { objects, pending } = await openTest()
const [, name = ''] = process.argv.slice(2)

async function write(lane: number): Promise<void> {
  for (let index = 0; ; index += 1) {
    const key = `${name}/${lane}/${index}`
    const body = Buffer.alloc(lane === 0 ? 300_000 : 500, key)
    await put(lane, key, body)
    print(`object ${key} ${createHash('sha256').update(body).digest('hex')}`)
    await pending.send({ body: key })
    print(`message ${key}`)
  }
}

async function put(lane: number, key: string, body: Buffer): Promise<Written | undefined> {
  if (lane === 1) return await objects.putIfAbsent(key, body)
  return await objects.put(
    key,
    Readable.from(body.length > 1000 ? [body.subarray(0, 1000), body.subarray(1000)] : [body]),
  )
}

await Promise.all([0, 1, 2].map(write))
