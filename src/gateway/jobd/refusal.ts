import { RemoteJobError } from '../../errors.ts'
import type { House } from '../house.ts'
import { Problem } from '../problem.ts'
import { problemOf } from '../problem-of.ts'

/** The words that jobd has for statuses. */
const words: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'request_entity_too_large',
  500: 'internal_server_error',
}

/** What is wrong with a request, where that was found out inside of its body. */
export function unwrapped(error: unknown): unknown {
  return error instanceof RemoteJobError && error.code === 'BODY_FAILED' && error.cause instanceof Error
    ? unwrapped(error.cause)
    : error
}

/** The refusal that an error is. What is no caller's fault is 500, whatever it is. */
export function refusalOf(error: unknown, house: House): Problem {
  const problem = problemOf(unwrapped(error))
  if (problem && problem.status < 500) return problem
  if (!(error instanceof Problem)) house.report(error)
  return new Problem(500, problem?.message ?? 'Something went wrong inside: whoever runs the gateway can look it up', {
    headers: problem?.headers,
    cause: error,
  })
}

/** A refusal in jobd's form. */
export function jobdRefusal({ status, message, headers }: Problem): Response {
  return Response.json(
    { error: words[status] ?? 'bad_request', message, status },
    { status, headers: { 'Cache-Control': 'no-store', ...headers } },
  )
}
