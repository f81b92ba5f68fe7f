import { RemoteJobError } from '../../errors.ts'
import { show } from '../../protocol/names.ts'
import { defaultDefinition, type JobDefinition } from './job-definition.ts'
import { refusal } from './refuse.ts'

/** Those that a definition may be without; all others have defaults. */
const optional = {
  name: true,
  image: true,
  arraySizeOverride: true,
  parallelism: true,
  slimFaas: true,
} as const satisfies { readonly [Member in keyof JobDefinition]?: true }
const known: readonly string[] = [...Object.keys(optional), ...Object.keys(defaultDefinition)]

/**
 * What was asked for has to be an object: not null, a list, or text.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkObject(name: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refusal(name, 'an object', given)
}

/**
 * What would be passed over in silence is refused: a slip of the pen in `retryLimit` would make three retries.
 * @throws RemoteJobError `INVALID_ARGUMENT` that names the member
 */
export function checkMembers(given: object): void {
  const stranger = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name))?.[0]
  if (stranger === undefined) return
  const near = known.find((name) => name.toLowerCase() === stranger.replaceAll(/[^a-z]/gi, '').toLowerCase())
  const advice = near === undefined ? `there are ${known.join(', ')}` : `did you mean \`${near}\`?`
  throw new RemoteJobError('INVALID_ARGUMENT', `There is no member ${show(stranger)} of a job or a run; ${advice}`)
}
