import type { Context } from 'hono'
import type { Caller } from './caller.ts'
import type { Measure } from './limits/measured-body.ts'

/** What is known of where a request came from. */
export interface Connection {
  /** The socket's address; unknown where the handler is not told. */
  readonly remoteAddress?: string | undefined
  /** Settles when the answer is sent, or its receiver gone: until then the request counts as one of those at the same time. */
  readonly ended?: Promise<unknown> | undefined
  /** Called before the first byte of the body is read, where the client waits to be told to send it (`Expect: 100-continue`). */
  readonly onBody?: (() => void) | undefined
}

/** What every route finds in its context. */
export interface GatewayEnv {
  Bindings: Connection
  Variables: {
    /** Who asks, and what they may. */
    caller: Caller
    /** The address that the request came from, also through proxies that are trusted; `undefined` where that is not known. */
    address: string | undefined
    /** On the page: where the gateway's start is, `/` or, mounted elsewhere, `/jobs/`. */
    start: string
    /** Whether the browser, if it is one, uses TLS. */
    isSecure: boolean
    /** Told when bytes of the body came: it goes on. */
    onProgress: () => void
    /** What a large body, or one of unknown size, is held to. */
    measure?: Measure
  }
}

/** A request on its way through the gateway. */
export type GatewayContext = Context<GatewayEnv>
