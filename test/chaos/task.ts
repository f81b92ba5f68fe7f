import type { Random } from './random.ts'

/** What a worker of a chaos run is asked to do. */
export interface Task {
  readonly n: number
  readonly kind: Kind
  readonly inputBytes: number
}

/** Kinds of jobs, and their shares. */
const kinds = { slow: 0.1, long: 0.005, large: 0.06, flaky: 0.05, hopeless: 0.02, cancelled: 0.03, quick: 1 }
export type Kind = keyof typeof kinds

export function drawTask(n: number, random: Random): Task {
  const kind = random.pick(kinds) ?? 'quick'
  return { n, kind, inputBytes: kind === 'large' ? 100_000 : Math.floor(random.between(0, 200)) }
}

/** That many bytes of a text said over and over. */
export function bytesOf(text: string, length: number): Buffer {
  return Buffer.alloc(length, text)
}
