import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'

/** A kind of thing that commands make by name. */
export interface Kind {
  /** What people call it. */
  readonly noun: string
  /** The command whose `list` shows all of them. */
  readonly command: string
}

export const runKind: Kind = { noun: 'run', command: 'jobrun' }

/** What is said of a thing that there is not. */
export function missing({ noun, command }: Kind, name: string): Problem {
  return new Problem(exitCodes.notFound, `There is no ${noun} "${name}": remotejob ${command} list shows what there is`)
}
