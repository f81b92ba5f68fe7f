import { z } from '@hono/zod-openapi'
import fc from 'fast-check'
import type { DescribedOperation } from './document.ts'

/** Names of things that there are, by what their parameter is called. */
export type Known = Readonly<Record<string, string>>

/** A request, still as a value that can be printed. */
export interface OddRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})

/** What people and programs send that mean harm, or nothing. */
const nasty = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '\0',
  '%zz',
  '*',
  '"',
  "'",
  '<b>',
  '${x}',
  '__proto__',
  'constructor',
  '-1',
  '0',
  '1e999',
  'NaN',
  'null',
  '{}',
  '[]',
  'true',
  'a'.repeat(300),
  '😀',
  '\u202e',
  '2026-02-30T25:61:61Z',
  '0-99999999999',
  'bytes=0-',
]

const oddText = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary' }), fc.string())
const oddJson = fc.oneof(fc.jsonValue(), oddText, fc.integer(), fc.double())

/** Requests of one operation: mostly of the right form, with what is odd in any place. */
export function oddRequests(
  { method, path, parameters, requestBody }: DescribedOperation,
  schemas: Readonly<Record<string, unknown>>,
  known: Known,
): fc.Arbitrary<OddRequest> {
  const valueOf = (name: string, schema: unknown): fc.Arbitrary<string> => {
    const right = known[name]
    const likely = right === undefined ? fitting(schema, schemas).map((value) => textOf(value)) : fc.constant(right)
    return fc.oneof({ weight: 9, arbitrary: likely }, { weight: 1, arbitrary: oddText })
  }
  const of = (place: string) => parameters.filter((one) => one.in === place)
  const inPath = fc.record(Object.fromEntries(of('path').map(({ name, schema }) => [name, valueOf(name, schema)])))
  // Of many at once hardly any would all be right.
  const optional = (place: string): fc.Arbitrary<Readonly<Record<string, string>>> =>
    fc
      .subarray(of(place), { maxLength: Math.min(2, of(place).length) })
      .chain((some) => fc.record(Object.fromEntries(some.map(({ name, schema }) => [name, valueOf(name, schema)]))))
  const strange = fc.option(fc.tuple(oddText, oddText), { freq: 8, nil: undefined })
  return fc
    .record({
      inPath,
      query: optional('query'),
      headers: optional('header'),
      strange,
      sent: bodies(requestBody, schemas),
    })
    .map(({ inPath: places, query, headers, strange: extra, sent }) => {
      const search = new URLSearchParams(query)
      if (extra) search.append(...extra)
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent((places[name] ?? '').toWellFormed()),
      )
      // Others can be sent by nobody.
      const sendable = Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value))
      return {
        method: method.toUpperCase(),
        path: `${filled}?${search.toString()}`,
        headers: { ...Object.fromEntries(sendable), ...sent.headers },
        body: sent.body,
      }
    })
}

function bodies(requestBody: DescribedOperation['requestBody'], schemas: Readonly<Record<string, unknown>>) {
  const none = fc.constant({ headers: {}, body: undefined })
  if (!requestBody) return none
  const schema = requestBody.content['application/json']?.schema
  const likely = schema === undefined ? oddText : fitting(schema, schemas).map((value) => JSON.stringify(value) ?? '')
  const types = [
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    'application/x-www-form-urlencoded',
    'x',
    '',
  ]
  const type =
    schema === undefined
      ? fc.constantFrom(...types)
      : fc.oneof({ weight: 6, arbitrary: fc.constant('application/json') }, fc.constantFrom(...types))
  const body = fc.oneof(
    { weight: 4, arbitrary: likely },
    oddText,
    fc.json(),
    fc.constant('--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n'),
  )
  const some = fc.record({
    headers: type.map((value) => ({ 'Content-Type': value })),
    body: body.map((text) => text.toWellFormed()),
  })
  return fc.oneof({ weight: 8, arbitrary: some }, none)
}

/** Values of a schema's form, and now and then of another. */
function fitting(given: unknown, schemas: Readonly<Record<string, unknown>>, depth = 0): fc.Arbitrary<unknown> {
  const parsed = Schema.safeParse(given)
  if (!parsed.success || depth > 5) return oddJson
  const right = fittingExactly(parsed.data, schemas, depth)
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: oddJson })
}

function fittingExactly(
  schema: z.infer<typeof Schema>,
  schemas: Readonly<Record<string, unknown>>,
  depth: number,
): fc.Arbitrary<unknown> {
  const {
    $ref,
    type,
    pattern,
    format,
    minimum = -1,
    maximum = 2 ** 53,
    enum: choices,
    properties,
    items,
    anyOf,
    oneOf,
  } = schema
  if ($ref !== undefined) return fitting(schemas[$ref.split('/').at(-1) ?? ''], schemas, depth + 1)
  if (choices) return fc.constantFrom(...choices)
  if ('const' in schema) return fc.constant(schema.const)
  const branches = anyOf ?? oneOf
  if (branches) return fc.oneof(...branches.map((one) => fitting(one, schemas, depth + 1)))
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(properties ?? {}).map(([name, one]) => [name, fitting(one, schemas, depth + 1)]),
        ),
        { requiredKeys: [] },
      )
    case 'array':
      return fc.array(fitting(items, schemas, depth + 1), { maxLength: 3 })
    case 'integer':
    case 'number':
      return fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: Math.ceil(minimum), max: Math.min(maximum, 2 ** 31 - 1) }) },
        fc.double(),
        fc.constantFrom(2 ** 53, -0, -1, 1e21),
      )
    case 'boolean':
      return fc.boolean()
    case 'string':
      return fc.oneof({ weight: 4, arbitrary: likelyText(pattern, format) }, oddText)
    case undefined:
    default:
      return oddJson
  }
}

function likelyText(pattern: string | undefined, format: string | undefined): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(1e14) }).map((at) => at.toISOString())
  // What looks ahead or behind, fast-check cannot make.
  if (pattern !== undefined && !pattern.includes('(?')) return fc.stringMatching(new RegExp(pattern))
  return fc.constantFrom('a', 'out', 'x-1', 'true', '* * * * *', '0-3')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
