import { Problem } from '../problem.ts'

/** What is said of a thing that there is not. */
export function missing(noun: string, name: string): Problem {
  return new Problem(404, `There is no ${noun} "${name}" in this project`, { code: 'NOT_FOUND' })
}
