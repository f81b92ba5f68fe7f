import type { IncomingMessage, ServerResponse } from 'node:http'

/** How slow a client may be. */
export interface PaceOptions {
  /** Seconds that a client may be behind the pace. @default 30 */
  readonly patienceSeconds?: number | undefined
  /** The pace: bytes a second of a body, or of an answer, while it is the client that is waited for. @default 500 */
  readonly bytesPerSecond?: number | undefined
}

/** One request with what was seen of it. */
interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** Bytes that its socket had moved at the last look. */
  moved: number
  secondsBehind: number
}

/** Seconds between two looks. One timer looks at all, so that a request costs next to nothing. */
const lookSeconds = 1

/**
 * Ends what trickles: a body that is sent byte by byte, or an answer that is read so. Only time counts in which this side waits for the
 * client, so that a long upload goes on for as long as it takes, and so does one that waits for us.
 */
export class SlowClients implements Disposable {
  readonly #exchanges = new Set<Exchange>()
  readonly #timer: NodeJS.Timeout
  readonly #patienceSeconds: number
  readonly #bytesPerSecond: number

  constructor({ patienceSeconds = 30, bytesPerSecond = 500 }: PaceOptions = {}) {
    this.#patienceSeconds = patienceSeconds
    this.#bytesPerSecond = bytesPerSecond
    this.#timer = setInterval(() => this.#look(), lookSeconds * 1000)
    this.#timer.unref()
  }

  /** Looks at a request until it has ended. */
  watch(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const exchange = { incoming, outgoing, moved: moved(incoming), secondsBehind: 0 }
    this.#exchanges.add(exchange)
    outgoing.once('close', () => this.#exchanges.delete(exchange))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const exchange of this.#exchanges) {
      const { incoming } = exchange
      const bytes = moved(incoming) - exchange.moved
      exchange.moved += bytes
      // What it was ahead earlier is no credit: it would pay for hours of nothing.
      const seconds = isAwaited(exchange) ? lookSeconds - bytes / this.#bytesPerSecond : -lookSeconds
      exchange.secondsBehind = Math.max(0, exchange.secondsBehind + seconds)
      if (exchange.secondsBehind > this.#patienceSeconds) end(exchange)
    }
  }
}

/** What came from the client, and what it took. */
function moved({ socket }: IncomingMessage): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength
}

/** Whether it is the client's turn: to send more of a body for which there is room, or to take what is written. */
function isAwaited({ incoming, outgoing }: Exchange): boolean {
  if (outgoing.writableLength > 0) return true
  return !incoming.complete && incoming.readableLength < incoming.readableHighWaterMark
}

function end({ incoming: { socket }, outgoing }: Exchange): void {
  if (!outgoing.headersSent) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
  socket.destroySoon()
  // Whoever takes nothing does not take that either.
  setTimeout(() => socket.destroy(), lookSeconds * 1000).unref()
}
