import { closestMatch } from 'leven'

/** `; did you mean …?` where something is so near that a slip of the finger leads from the one to the other, else nothing. */
export function suggestion(typed: string, known: Iterable<string>): string {
  const near = closestMatch(typed, [...known], { maxDistance: Math.max(1, Math.floor(typed.length * 0.4)) })
  return near === undefined ? '' : `; did you mean ${near}?`
}
