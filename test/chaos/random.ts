/** Numbers from 0 to 1 that a seed decides, in the order they are asked for (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** One of the names, as often as their shares say. */
  pick<Name extends string>(shares: Readonly<Record<Name, number>>): Name | undefined {
    let left = this.next()
    for (const name in shares) {
      left -= shares[name]
      if (left < 0) return name
    }
    return undefined
  }
}
