import { hasCode, RemoteJobError } from '../../errors.ts'
import { isJsonObject } from '../../protocol/json.ts'
import { show } from '../../protocol/names.ts'
import type { JobDefinition } from '../definition/job-definition.ts'

/** Something in a document that cannot be: where it is, and what belongs there. Its code is `INVALID_ARGUMENT`. */
export class DocumentError extends RemoteJobError {
  override readonly name = 'DocumentError'
  /** The place in the document: `Configurations.fibonacci.Image`, say; empty for the whole. */
  readonly path: string

  constructor(path: string, message: string, options?: { cause?: unknown }) {
    super('INVALID_ARGUMENT', message, options)
    this.path = path
  }
}

/** A place in a document that somebody else wrote, with what is there; nothing of it is believed before it was asked for by its kind. */
export class Place {
  readonly path: string
  readonly value: unknown

  constructor(value: unknown, path = '') {
    this.value = value
    this.path = path
  }

  /** The member of that name, or of another one; one that is null is as good as none. */
  member(...names: readonly string[]): Place | undefined {
    const value = isJsonObject(this.value) ? this.value : {}
    const name = names.find((one) => Object.hasOwn(value, one) && value[one] !== null)
    return name === undefined ? undefined : new Place(value[name], this.pathOf(name))
  }

  /** @throws DocumentError when there is no such member */
  needed(name: string, expected: string): Place {
    const found = this.member(name)
    if (found) return found
    throw new Place(undefined, this.pathOf(name)).refusal(expected, 'nothing')
  }

  /** All members, as they stand there. */
  members(): readonly (readonly [name: string, place: Place])[] {
    if (!isJsonObject(this.value)) throw this.refusal('an object', kindOf(this.value))
    return Object.entries(this.value).map(([name, value]) => [name, new Place(value, this.pathOf(name))])
  }

  /** @throws DocumentError for a member of another name: it would be left out without a word */
  only(names: readonly string[]): void {
    const other = this.members().find(([name]) => !names.includes(name))
    if (other)
      throw other[1].refusal(`left out, since what there may be is ${names.join(', ')}`, kindOf(other[1].value))
  }

  items(): readonly Place[] {
    if (!Array.isArray(this.value)) throw this.refusal('a list', kindOf(this.value))
    return Array.from(this.value, (value: unknown, index) => new Place(value, `${this.path}[${index}]`))
  }

  text(): string {
    if (typeof this.value === 'string') return this.value
    // What was meant as a value may be a secret.
    throw this.refusal('text', kindOf(this.value))
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text())
  }

  integer(): number {
    if (typeof this.value === 'number' && Number.isSafeInteger(this.value)) return this.value
    throw this.refusal('a whole number', typeof this.value === 'number' ? show(this.value) : kindOf(this.value))
  }

  oneOf<const Known extends string>(known: readonly Known[]): Known {
    const found = known.find((one) => one === this.value)
    if (found !== undefined) return found
    throw this.refusal(`one of ${known.join(', ')}`, show(this.value))
  }

  pathOf(name: string): string {
    if (!/^[\w-]{1,64}$/.test(name)) return `${this.path}[${show(name)}]`
    return this.path === '' ? name : `${this.path}.${name}`
  }

  refusal(expected: string, got: string): DocumentError {
    const what = this.path === '' ? 'the document' : `\`${this.path}\``
    return new DocumentError(this.path, `Expected ${what} to be ${expected}, got ${got}`)
  }
}

/** What the members of a definition are called in a vocabulary. */
export type MemberNames = Readonly<Record<Exclude<keyof JobDefinition, 'slimFaas'>, string>>

/**
 * Does what may refuse a definition, whose refusals then name the members as the document does.
 * @throws DocumentError
 */
export function refusingAt<Result>(place: Place, names: MemberNames, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw inWordsOf(place, names, error)
  }
}

/** A refusal of a definition, which then names the members as the document does. Other errors stay what they are. */
export function inWordsOf(place: Place, names: Readonly<Record<string, string>>, error: unknown): unknown {
  if (error instanceof DocumentError || !hasCode(error, 'INVALID_ARGUMENT')) return error
  const inDocument: ReadonlyMap<string, string> = new Map(Object.entries(names))
  const message = error.message.replaceAll(/`(\w+)`/g, (text, member: string) => {
    const name = inDocument.get(member)
    return name === undefined ? text : `\`${place.path === '' ? name : `${place.path}.${name}`}\``
  })
  return new DocumentError(place.path, message, { cause: error })
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'text' : `a ${typeof value}`
}
