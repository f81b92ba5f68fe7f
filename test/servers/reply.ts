import type { ErrorAnswer } from './faults.ts'
import type { ProxiedRequest } from './request.ts'

/** An answer, whole. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Sends a request on. */
export type Forward = (request: Pick<ProxiedRequest, 'method' | 'path' | 'headers' | 'payload'>) => Promise<Reply>

/** An error as S3 (XML) or SQS (JSON) gives it. */
export function errorReply(
  request: ProxiedRequest,
  { status, code = 'InternalError', message = code, ...more }: ErrorAnswer,
): Reply {
  const date = new Date().toUTCString()
  if (more.body !== undefined) return { status, headers: { date, ...more.headers }, body: Buffer.from(more.body) }
  if (request.service === 'sqs') {
    const body = Buffer.from(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }))
    return { status, headers: { date, 'content-type': 'application/x-amz-json-1.0', ...more.headers }, body }
  }
  const body = Buffer.from(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message>${more.xml ?? ''}</Error>`,
  )
  return { status, headers: { date, 'content-type': 'application/xml', ...more.headers }, body }
}

/** S3's answer to a question. */
export function xmlReply(xml: string): Reply {
  const headers = { date: new Date().toUTCString(), 'content-type': 'application/xml' }
  return { status: 200, headers, body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`) }
}
