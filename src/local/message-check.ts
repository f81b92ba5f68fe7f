import type { OutgoingMessage } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'

/** Bytes of body and attributes together (SQS, since August 2025). */
const largestMessage = 1024 * 1024
const mostAttributes = 10

/** Characters that SQS refuses (XML 1.0): control characters but tab, line feed and return; unpaired surrogates. */
// oxlint-disable-next-line no-control-regex
const refused = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

/**
 * Refuses what SQS would refuse, so that what works here works there.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkMessage({ body, attributes = {} }: OutgoingMessage): void {
  const entries = Object.entries(attributes)
  if (body === '') throw invalid('a body that is not empty, got an empty one')
  if (entries.length > mostAttributes) throw invalid(`at most ${mostAttributes} attributes, got ${entries.length}`)
  for (const text of [body, ...entries.flat()]) {
    const found = refused.exec(text)?.[0]
    if (found) throw invalid(`characters that XML 1.0 allows, got U+${codeOf(found)}`)
  }
  const size = bytesOf(body) + entries.reduce((sum, [name, value]) => sum + bytesOf(`${name}String${value}`), 0)
  if (size > largestMessage) throw invalid(`at most ${largestMessage} bytes with its attributes, got ${size}`)
}

const bytesOf = (text: string): number => Buffer.byteLength(text)

const codeOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

function invalid(expectation: string): RemoteJobError {
  return new RemoteJobError('INVALID_ARGUMENT', `Expected a message of ${expectation}`)
}
