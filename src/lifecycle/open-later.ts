import type { Readable } from 'node:stream'
import { type Pullable, PullStream } from '../pull-stream.ts'

/** A stream at once, of bytes whose place is yet to be found out. What goes wrong on the way arrives on the stream. */
export function openLater(open: () => Promise<Readable>): Readable {
  return new PullStream(new Later(open))
}

class Later implements Pullable {
  readonly #open: () => Promise<Readable>
  #stream: Readable | undefined
  #chunks: AsyncIterator<unknown> | undefined
  #stopped = false

  constructor(open: () => Promise<Readable>) {
    this.#open = open
  }

  async next(): Promise<Uint8Array | null> {
    this.#chunks ??= await this.#start()
    for (;;) {
      const step = await this.#chunks.next()
      if (step.done) return null
      if (step.value instanceof Uint8Array && step.value.byteLength > 0) return step.value
    }
  }

  stop(): void {
    this.#stopped = true
    this.#stream?.destroy()
  }

  async #start(): Promise<AsyncIterator<unknown>> {
    this.#stream = await this.#open()
    if (this.#stopped) this.#stream.destroy()
    return this.#stream[Symbol.asyncIterator]()
  }
}
