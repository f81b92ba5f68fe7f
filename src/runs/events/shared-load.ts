/**
 * Something that is read anew for whoever asks, and once for all who ask while it is being read: what they get was read after they asked.
 */
export class SharedLoad<Value> {
  readonly #read: () => Promise<Value>
  #running: Promise<Value> | undefined
  #next: Promise<Value> | undefined

  constructor(read: () => Promise<Value>) {
    this.#read = read
  }

  load(): Promise<Value> {
    if (!this.#running) return this.#begin()
    this.#next ??= this.#after(this.#running)
    return this.#next
  }

  async #after(running: Promise<unknown>): Promise<Value> {
    await running.catch(() => {})
    this.#next = undefined
    return this.#begin()
  }

  #begin(): Promise<Value> {
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }
}
