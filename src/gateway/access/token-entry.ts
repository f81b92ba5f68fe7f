import { RemoteJobError } from '../../errors.ts'
import { show } from '../../protocol/names.ts'
import { type Caller, type Scope, scopes } from '../caller.ts'
import { isListed } from '../../runs/definition/whitelist.ts'

/** What a gateway knows of a token. */
export interface TokenEntry {
  /** Whose it is: 1 to 128 printable ASCII characters, no secret. Several tokens may have the same, while one is replaced. */
  readonly name: string
  /** SHA-256 of the token, in hexadecimal. */
  readonly sha256: string
  /** What it may; `admin` has the other two in it. */
  readonly scopes: readonly Scope[]
  /** Names of the queues that it may that on, `*` for any characters. @default ['*'] */
  readonly queues?: readonly string[] | undefined
}

/**
 * What a file or a caller gave, as tokens.
 * @throws RemoteJobError `INVALID_ARGUMENT`, which never shows a hash
 */
export function checkTokens(given: unknown): readonly TokenEntry[] {
  if (!Array.isArray(given)) throw invalid(`Expected \`tokens\` to be a list, got ${typeof given}`)
  return given.map(checkTokenEntry)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function checkTokenEntry(given: unknown): TokenEntry {
  if (typeof given !== 'object' || given === null) throw invalid('Expected each token to be an object with a `name`')
  const { name, sha256, scopes: may, queues = ['*'], ...others }: Partial<Record<string, unknown>> = { ...given }
  if (typeof name !== 'string' || !/^[\x20-\x7e]{1,128}$/.test(name))
    throw invalid(`Expected the \`name\` of a token to be 1 to 128 printable ASCII characters, got ${show(name)}`)
  if (typeof sha256 !== 'string' || !/^[\da-f]{64}$/i.test(sha256))
    throw invalid(`Expected the \`sha256\` of the token "${name}" to be 64 hexadecimal digits: the hash, not the token`)
  if (!isListOf(may, isScope) || may.length === 0)
    throw invalid(`Expected the \`scopes\` of the token "${name}" to be some of ${scopes.join(', ')}, got ${show(may)}`)
  if (!isListOf(queues, isName))
    throw invalid(`Expected the \`queues\` of the token "${name}" to be names of queues, got ${show(queues)}`)
  const [stray] = Object.keys(others)
  if (stray !== undefined) throw invalid(`The token "${name}" has "${stray}", which there is not`)
  return { name, sha256, scopes: may, queues }
}

/** Who sent that token. */
export function callerOf({ name, scopes: given, queues = ['*'] }: TokenEntry): Caller {
  return {
    name,
    may: (scope, queue) =>
      (given.includes(scope) || given.includes('admin')) &&
      (queue === undefined ? queues.includes('*') : isListed(queue, queues)),
  }
}

const isScope = (value: unknown): value is Scope => scopes.some((one) => one === value)
const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''

function isListOf<Item>(value: unknown, is: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(is)
}

function invalid(message: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', message)
}
