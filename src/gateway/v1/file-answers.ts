import { z } from '@hono/zod-openapi'
import { refusals } from './describe.ts'

const bytes = { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } } as const

/** What an operation answers that serves a file. */
export const fileAnswers = {
  200: { description: 'The bytes', ...bytes },
  206: { description: 'Those of them that `Range` asks for', ...bytes },
  304: { description: 'They are as they were: `If-None-Match`' },
  ...refusals,
} as const

/** Which of its bytes. */
export const RangeHeader = z.object({ range: z.string().optional().openapi({ example: 'bytes=0-1023' }) })
