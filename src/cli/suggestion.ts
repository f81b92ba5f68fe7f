import { closestMatch } from 'leven'

/**
 * `; did you mean …?` where something is so near that a slip of the finger leads from the one to the other, else nothing. Of two that
 * are equally near, the one that begins more alike: the first letters are seldom the wrong ones.
 */
export function suggestion(typed: string, known: Iterable<string>): string {
  const candidates = [...known].toSorted((one, other) => alike(other, typed) - alike(one, typed))
  const near = closestMatch(typed, candidates, { maxDistance: Math.max(1, Math.floor(typed.length * 0.4)) })
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** How many letters two words begin with alike. */
function alike(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}
