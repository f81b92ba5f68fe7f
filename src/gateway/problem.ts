import { STATUS_CODES } from 'node:http'

interface ProblemOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A constant to branch on: an error's code of the library, where it has one. */
  readonly code?: string | undefined
}

/** A refusal that its caller is told, as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string | undefined
  readonly headers: Readonly<Record<string, string>>

  /** @param detail what is wrong and what to do, for whoever asked: nothing of the inside */
  constructor(status: number, detail: string, { headers = {}, code, cause }: ProblemOptions = {}) {
    super(detail, { cause })
    this.status = status
    this.code = code
    this.headers = headers
  }

  /** The answer: `application/problem+json`. */
  toResponse(): Response {
    const { status, code, message } = this
    const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: message, code }
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...this.headers },
    })
  }
}
