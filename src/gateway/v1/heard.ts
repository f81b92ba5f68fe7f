import { hash } from 'node:crypto'

/** What is told anew when it changes. */
export type State = 'status' | 'progress'

/** What somebody who watches a job has heard of it. It is the id of each event, so whoever comes back is told nothing twice. */
export class Heard {
  /** Of the logs: that far. */
  position: string | undefined
  readonly #states: Map<State, string>

  constructor(states: Iterable<readonly [State, string]> = [], position?: string) {
    this.#states = new Map(states)
    this.position = position
  }

  /** Whether that was not heard yet, or something else since; it is from now on. */
  isNews(state: State, what: unknown): boolean {
    const digest = hash('sha256', JSON.stringify(what), 'hex').slice(0, 12)
    if (this.#states.get(state) === digest) return false
    this.#states.set(state, digest)
    return true
  }

  /** All of it, as {@link heardUntil} reads it. */
  get id(): string {
    const { status = '', progress = '' } = Object.fromEntries(this.#states)
    return `${status}.${progress}.${this.position ?? ''}`
  }
}

/** What was heard until the event with that id; nothing, where this gateway, or another of its kind, gave out no such id. */
export function heardUntil(id: string | undefined): Heard {
  const [, status, progress, position] =
    /^([0-9a-f]{12})?\.([0-9a-f]{12})?\.([\x21-\x7e]{1,300})?$/.exec(id ?? '') ?? []
  const states: [State, string | undefined][] = [
    ['status', status],
    ['progress', progress],
  ]
  const known = states.flatMap(([state, digest]) => (digest === undefined ? [] : [[state, digest] as const]))
  return new Heard(known, position)
}
