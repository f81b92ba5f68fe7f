import { setTimeout as delay } from 'node:timers/promises'

/** The parts of a page that change, as HTML by the id of their element. */
export type Parts = Readonly<Record<string, string>>

/** What is looked at for whoever watches. */
export interface Look {
  /** The parts as they are now; `undefined` when they will not change any more. */
  (signal: AbortSignal): Promise<{ readonly parts: Parts; readonly isOver: boolean }>
}

/** Seconds between two looks: soon after a change, and less and less often while nothing happens. */
const soonest = 1
const latest = 8

type Listener = (parts: Parts, isOver: boolean) => void

/** One thing that any number of pages watch: it is looked at once for all of them, and only while there are some. */
export class Watch {
  readonly #look: Look
  readonly #listeners = new Set<Listener>()
  readonly #report: (error: unknown) => void
  #parts: Parts = {}
  #stop: AbortController | undefined

  constructor(look: Look, report: (error: unknown) => void) {
    this.#look = look
    this.#report = report
  }

  /** Tells of what is now, and then of what changed, until the signal aborts. */
  follow(listener: Listener, signal: AbortSignal): void {
    if (signal.aborted) return
    this.#listeners.add(listener)
    if (Object.keys(this.#parts).length > 0) listener(this.#parts, false)
    signal.addEventListener('abort', () => this.#leave(listener), { once: true })
    if (this.#stop) return
    this.#stop = new AbortController()
    void this.#run(this.#stop.signal)
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#stop?.abort()
    this.#stop = undefined
    this.#parts = {}
  }

  async #run(signal: AbortSignal): Promise<void> {
    let pause = soonest
    while (!signal.aborted) {
      const isChanged = await this.#once(signal)
      pause = isChanged ? soonest : Math.min(latest, pause * 1.5)
      await delay(pause * 1000, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  /** A look that fails is told to whoever runs the gateway; the next one may work. */
  async #once(signal: AbortSignal): Promise<boolean> {
    try {
      const { parts, isOver } = await this.#look(signal)
      if (signal.aborted) return false
      const changed = Object.fromEntries(Object.entries(parts).filter(([id, text]) => this.#parts[id] !== text))
      this.#parts = parts
      const isChanged = Object.keys(changed).length > 0
      if (isChanged || isOver) for (const listener of this.#listeners) listener(changed, isOver)
      return isChanged
    } catch (error) {
      if (!signal.aborted) this.#report(error)
      return false
    }
  }
}
