import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64Length, fromBase64, toBase64 } from '../../../src/gateway/jobd/base64.ts'
import { readUpload } from '../../../src/gateway/jobd/read-upload.ts'

/** A value in pieces, cut at any places. */
async function* pieces<Value extends string | Buffer>(whole: Value, cuts: readonly number[]): AsyncGenerator<Value> {
  const places = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((one, other) => one - other)
  let at = 0
  for (const place of places) {
    yield whole.slice(at, place) as Value
    at = place
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 8 })
const bytes = fc.uint8Array({ maxLength: 200 })

test('bytes become base64 and bytes again, wherever both are cut', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, cuts, cuts, async (given, one, other) => {
      const text = (await buffer(toBase64(pieces(Buffer.from(given), one)))).toString()
      expect(text).toBe(Buffer.from(given).toString('base64'))
      expect(text.length).toBe(base64Length(given.length))
      expect(await buffer(fromBase64(pieces(text, other)))).toEqual(Buffer.from(given))
    }),
  )
})

test('a text is base64 in pieces exactly when it is as a whole', async () => {
  const text = fc.string({ unit: fc.constantFrom('A', 'Q', '+', '/', '=', '\n', '-'), maxLength: 14 })
  await fc.assert(
    fc.asyncProperty(text, cuts, async (given, places) => {
      const plain = given.replaceAll('\n', '')
      const isBase64 = /^(?:[AQ+/]{4})*(?:[AQ+/]{2}(?:==)?|[AQ+/]{3}=?)?$/.test(plain)
      const read = buffer(fromBase64(pieces(given, places)))
      if (isBase64) expect(await read).toEqual(Buffer.from(plain, 'base64'))
      else await expect(read).rejects.toThrow('it is no base64')
    }),
    { numRuns: 1000 },
  )
})

test('an upload is read the same wherever it is cut, and whatever stands beside it', async () => {
  const others = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 })
  await fc.assert(
    fc.asyncProperty(bytes, others, fc.boolean(), cuts, async (given, more, slurml, places) => {
      fc.pre(given.length > 0 && Object.keys(more).every((name) => !/^(id|input|slurml)$/i.test(name)))
      const sent = { ...more, Input: Buffer.from(given).toString('base64'), iD: 'x', slurml }
      const stored: Buffer[] = []
      const read = await readUpload(pieces(Buffer.from(JSON.stringify(sent)), places), async (zip) => {
        stored.push(await buffer(zip))
        return 'key'
      })
      expect(read).toEqual({ id: 'x', key: 'key', slurml })
      expect(stored).toEqual([Buffer.from(given)])
    }),
  )
})
