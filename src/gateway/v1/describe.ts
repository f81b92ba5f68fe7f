import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { GatewayEnv } from '../gateway-env.ts'
import { Problem } from '../problem.ts'

/** A refusal, as RFC 9457 has it. */
export const ProblemDetails = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What is wrong and what to do about it' }),
    code: z.string().optional().openapi({ description: 'A constant to branch on, where there is one' }),
  })
  .openapi('Problem')

/** What every operation can answer beside what it is for. */
export const refusals = {
  default: {
    description: 'A refusal, or trouble inside',
    content: { 'application/problem+json': { schema: ProblemDetails } },
  },
} as const

/** What a caller has is what there is. */
export const unchanged = { description: 'It is as it was: `If-None-Match`' } as const

/** An answer of JSON. */
export const jsonAnswer = <Schema extends z.ZodType>(description: string, schema: Schema) =>
  ({ description, content: { 'application/json': { schema } } }) as const

/** A body of JSON. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const

/** An instant in an answer. */
export const Instant = z.string().openapi({ format: 'date-time' })
/** The same in a question. */
export const GivenInstant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .openapi({ type: 'string', format: 'date-time' })
/** Yes or no in a query. */
export const Flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .openapi({ type: 'string', enum: ['true', 'false'] })
/** Any JSON. */
export const AnyJson = z.unknown().openapi({ description: 'Any JSON' })
/** An object of JSON. */
export const JsonMembers = z.record(z.string(), z.unknown())

/** What a link of the gateway's own says, signed. */
export const TokenParameters = z.object({
  token: z
    .string()
    .max(8192)
    .openapi({ param: { name: 'token', in: 'path' } }),
})

/** An application whose refusals of what does not fit a schema say where and why. */
export function describedApp(): OpenAPIHono<GatewayEnv> {
  return new OpenAPIHono<GatewayEnv>({
    defaultHook(result) {
      if (result.success) return
      const places = { param: 'path', query: 'query', header: 'headers', json: 'body', form: 'body', cookie: 'cookies' }
      const faults = result.error.issues
        .slice(0, 5)
        .map(
          ({ path, message }) =>
            [places[result.target], ...path].join('.') + `: ${message.replace(', received NaN', '')}`,
        )
      throw new Problem(400, faults.join('; '), { code: 'INVALID_ARGUMENT' })
    },
  })
}
