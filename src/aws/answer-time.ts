import type { $Command } from '@aws-sdk/client-s3'

/** A command of the SDK, as far as its middleware goes. */
type Answered<Input extends object, Output extends object> = Pick<$Command<Input, Output, object>, 'middlewareStack'>

/**
 * Notes when the server answers the command, by the server's own clock (its `Date` header); gives a function that tells.
 * Without an answer that says so, it is now.
 */
export function answerTime<Input extends object, Output extends object>(command: Answered<Input, Output>): () => Date {
  let date: string | undefined
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      date = dateOf(result.response)
      return result
    },
    { step: 'deserialize', name: 'remotejobAnswerTime' },
  )
  return () => {
    const answered = new Date(date ?? NaN)
    return Number.isNaN(answered.getTime()) ? new Date() : answered
  }
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined
  return typeof headers.date === 'string' ? headers.date : undefined
}
