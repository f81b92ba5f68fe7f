import type { TokenEntry } from './token-entry.ts'

/** Who gets in. */
export interface AccessOptions {
  /**
   * The tokens that callers may send (`Authorization: Bearer …`), as `createToken` hands them out: hashes alone are kept.
   * Without any, only callers of this machine get in, and they may do everything.
   * @default none
   */
  readonly tokens?: readonly TokenEntry[] | undefined
  /**
   * Whoever can reach the gateway may do everything. For a gateway behind something that lets nobody else through, such as an
   * application's own login. It excludes `tokens`.
   * @default false
   */
  readonly open?: boolean | undefined
  /**
   * Networks (`10.0.0.0/8`, `fd00::/8`) whose callers may submit and read without a token. It needs `tokens`, for all others.
   * @default none
   */
  readonly privateFrom?: readonly string[] | undefined
  /**
   * Networks of the proxies in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Nobody else's are.
   * @default none
   */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * The names that the gateway is called by, `*` for any characters, beside `localhost` and loopback addresses. Who gets in by their
   * address alone must use one of them, so that no web page's own name can lead a browser here.
   * @default none
   */
  readonly hosts?: readonly string[] | undefined
  /**
   * Origins (`https://app.example.com`) whose pages may call the gateway from a browser. `*` means all, and needs `tokens`.
   * @default none
   */
  readonly allowedOrigins?: readonly string[] | undefined
}
