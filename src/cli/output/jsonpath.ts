import { query } from 'json-p3'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'

type Queried = Parameters<typeof query>[1]

/**
 * What a JSONPath finds, as text: RFC 9535 (`$.assets[*].name`), or kubectl's way of text with paths in braces (`{.id}: {.status}`).
 * Several values stand with a space between them; a value that is no text is JSON.
 * @throws Problem for an expression that cannot be read
 */
export function evaluate(expression: string, value: Queried): string {
  if (!/[{}]/.test(expression)) return found(expression, value)
  if (/[{}]/.test(expression.replaceAll(pieces, ''))) throw unreadable(expression, 'every "{" needs a "}" behind it')
  const text = expression.replaceAll(pieces, (_, path: string) => piece(path.trim(), value))
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
}

/**
 * All values that a JSONPath finds, or those in braces one after the other.
 * @throws Problem for an expression that cannot be read
 */
export function valuesOf(expression: string, value: Queried): readonly unknown[] {
  // Also what is no path is found out.
  evaluate(expression, value)
  const paths = /[{}]/.test(expression)
    ? [...expression.matchAll(pieces)].map(([, path = '']) => path.trim())
    : [expression]
  return paths.filter((path) => !/^["']/.test(path)).flatMap((path) => query(rootedAt(path), value).values())
}

/** Paths in braces. */
const pieces = /\{([^{}]*)\}/g

/** A text in quotes stands for itself, all else is a path. */
function piece(path: string, value: Queried): string {
  const quoted = /^(["'])(.*)\1$/s.exec(path)?.[2]
  if (quoted !== undefined) return quoted
  if (/^(range|end)\b/.test(path)) throw unreadable(path, 'range is not supported; use a path such as {.items[*].id}')
  return found(path, value)
}

function found(path: string, value: Queried): string {
  try {
    return query(rootedAt(path), value)
      .values()
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
      .join(' ')
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error))
  }
}

function rootedAt(path: string): string {
  const rooted = path.startsWith('$') ? path : `$${path.startsWith('.') || path.startsWith('[') ? '' : '.'}${path}`
  return rooted === '$.' ? '$' : rooted
}

function unreadable(path: string, why: string): Problem {
  return new Problem(exitCodes.usage, `The JSONPath ${JSON.stringify(path)} cannot be read: ${why}`)
}
