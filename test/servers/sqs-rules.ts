import type { Forward, Reply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'

/**
 * What SQS does and fauxqs does not: it carries characters above U+FFFF. On their way through fauxqs their halves look like
 * private characters (so its MD5 sums are of those).
 */
export async function performSqs(forward: Forward, request: ProxiedRequest): Promise<Reply> {
  const payload = Buffer.from(shift(request.body, /[\ud800-\udfff]/g, 0x800))
  const reply = await forward({ ...request, payload })
  const { 'content-length': _, ...headers } = reply.headers
  return { ...reply, headers, body: Buffer.from(shift(reply.body.toString(), /[\ue000-\ue7ff]/g, -0x800)) }
}

function shift(text: string, units: RegExp, by: number): string {
  return text.replace(units, (unit) => String.fromCharCode(unit.charCodeAt(0) + by))
}
