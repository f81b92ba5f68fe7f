import { RemoteJobError } from '../../errors.ts'
import { show } from '../../protocol/names.ts'

/** What cannot be part of a definition: `name` is the member, `expected` what it takes. */
export function refusal(name: string, expected: string, got: unknown): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected \`${name}\` to be ${expected}, got ${show(got)}`)
}
