import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { DocumentError } from '../../runs.ts'
import type { Problem } from '../problem.ts'

/** A refusal as Code Engine tells it: its SDKs look for the message there. */
export function codeEngineAnswer(problem: Problem): Response {
  const { status, message, headers } = problem
  const trace = randomUUID()
  const error = { code: codeOf(problem), message, ...targetOf(problem) }
  return Response.json(
    { errors: [error], trace, status_code: status },
    { status, headers: { 'Cache-Control': 'no-store', 'X-Global-Transaction-ID': trace, ...headers } },
  )
}

function codeOf({ code, status }: Problem): string {
  return (code ?? STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_')
}

/** The member of the body that is wrong, as its message names it. */
function targetOf({ cause, message }: Problem): { target?: { type: 'field'; name: string } } {
  const name = cause instanceof DocumentError ? /`([^`]+)`/.exec(message)?.[1] : undefined
  return name === undefined ? {} : { target: { type: 'field', name } }
}
