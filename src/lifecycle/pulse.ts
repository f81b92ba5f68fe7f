/** Something that must be done now and then. */
export interface Beating {
  /** When it is due next, in milliseconds since 1970. */
  readonly dueAt: number
  beat(): void
}

/**
 * One timer for all heartbeats of a process: those due in the same moment beat together, so that they can share requests. Nobody
 * beats late for it: who is due within the next moment beats in this one.
 */
export class Pulse {
  readonly #beatings = new Set<Beating>()
  #timer: NodeJS.Timeout | undefined
  #firesAt = Number.POSITIVE_INFINITY

  add(beating: Beating): void {
    this.#beatings.add(beating)
    this.#wakeAt(beating.dueAt)
  }

  /** Its timer may fire for nothing: that is cheaper than looking for the next one at the end of every short job. */
  delete(beating: Beating): void {
    this.#beatings.delete(beating)
    if (this.#beatings.size === 0) this.#rest()
  }

  #wakeAt(time: number): void {
    if (time >= this.#firesAt) return
    clearTimeout(this.#timer)
    this.#firesAt = time
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, time - Date.now()))
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#firesAt = Number.POSITIVE_INFINITY
  }

  #beat(): void {
    this.#rest()
    const now = Date.now()
    for (const beating of this.#beatings) {
      if (beating.dueAt <= now + moment) beating.beat()
      if (this.#beatings.has(beating)) this.#wakeAt(beating.dueAt)
    }
  }
}

/** Milliseconds within which heartbeats count as due together. */
const moment = 500

/** The process's own. */
export const pulse = new Pulse()
