import { z } from '@hono/zod-openapi'
import type { Gateway } from '../../src/gateway.ts'
import { here } from './setup.ts'

const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), schema: z.unknown() }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
  responses: z.record(z.string(), z.unknown()),
})

const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

/** One operation of the gateway, as its document has it. */
export interface DescribedOperation extends z.infer<typeof Operation> {
  readonly method: string
  readonly path: string
}

/** What a gateway says of itself. */
export async function readDocument(gateway: Gateway) {
  const answer = await gateway(new Request('http://localhost/openapi.json'), here)
  const json: unknown = await answer.json()
  const { paths, components } = Document.parse(json)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): DescribedOperation => ({ ...operation, method, path })),
  )
  return { json, operations, schemas: components.schemas }
}
