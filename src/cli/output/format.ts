import { InvalidArgumentError } from '@commander-js/extra-typings'

/** How data is printed. */
export type Format =
  | { readonly kind: 'table' | 'json' | 'yaml' }
  | {
      readonly kind: 'jsonpath'
      readonly expression: string
      /** Whether what is found is printed as a list of JSON, and not as text. */
      readonly isJson: boolean
    }

const simple = ['table', 'json', 'yaml'] as const

/** @throws InvalidArgumentError for what is no format */
export function parseFormat(text: string): Format {
  const kind = simple.find((known) => known === text)
  if (kind) return { kind }
  const [, asJson, expression] = /^jsonpath(-as-json)?=(.+)$/s.exec(text) ?? []
  if (expression !== undefined) return { kind: 'jsonpath', expression, isJson: asJson !== undefined }
  throw new InvalidArgumentError(
    "Expected table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION, such as jsonpath='{.id}'.",
  )
}
