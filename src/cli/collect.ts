/**
 * Adds the value of an option that may be repeated to those before it. As in every such parser what came before is a parameter without
 * a default: by that settings tell which options take an array.
 */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}
