/** What works until it is closed, or ends by itself. */
interface Working {
  readonly done: Promise<void>
  close(): Promise<void>
}

/** All that works for a queue, and is closed with it. */
export class Crew {
  readonly #working = new Set<Working>()

  /** Whoever has ended is forgotten. */
  join<One extends Working>(one: One): One {
    this.#working.add(one)
    void one.done.finally(() => this.#working.delete(one))
    return one
  }

  async close(): Promise<void> {
    await Promise.all([...this.#working].map((one) => one.close()))
  }
}
