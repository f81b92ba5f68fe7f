import { checkInteger } from '../../options.ts'

/** How much a gateway takes. Whoever goes over is told when to come back, or what is too large. */
export interface LimitOptions {
  /** Most bytes of a body: 413. @default 5368709120 (5 GiB) */
  readonly bodyBytes?: number | undefined
  /** Most bytes of a body that has to be read whole, such as JSON: 413. @default 1048576 (1 MiB) */
  readonly wholeBodyBytes?: number | undefined
  /** Requests a second of a caller, or where it did not say who it is, of an address: 429. Counted over ten seconds. @default 500 */
  readonly requestsPerSecond?: number | undefined
  /** Requests at the same time, with what is still being sent or listened to: 503. @default 4096 */
  readonly concurrentRequests?: number | undefined
  /** The same of one caller, or of one address: 429. @default 1024 */
  readonly concurrentRequestsPerCaller?: number | undefined
  /** Wrong tokens a minute from an address: 429. Right ones are always taken. @default 60 */
  readonly wrongTokensPerMinute?: number | undefined
  /** Seconds until an answer begins, since the last bytes of the request were read: 504. @default 300 */
  readonly answerSeconds?: number | undefined
}

/** The limits, all of them. */
export type Limits = { readonly [Name in keyof LimitOptions]-?: NonNullable<LimitOptions[Name]> }

const defaults: Limits = {
  bodyBytes: 5 * 1024 ** 3,
  wholeBodyBytes: 1024 ** 2,
  requestsPerSecond: 500,
  concurrentRequests: 4096,
  concurrentRequestsPerCaller: 1024,
  wrongTokensPerMinute: 60,
  answerSeconds: 300,
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
export function limitsOf(options: LimitOptions = {}): Limits {
  const most = (name: keyof Limits, largest: number): number => {
    checkInteger(`limits.${name}`, options[name], 1, largest)
    return options[name] ?? defaults[name]
  }
  return {
    bodyBytes: most('bodyBytes', Number.MAX_SAFE_INTEGER),
    wholeBodyBytes: most('wholeBodyBytes', 1024 ** 3),
    requestsPerSecond: most('requestsPerSecond', 1_000_000),
    concurrentRequests: most('concurrentRequests', 1_000_000),
    concurrentRequestsPerCaller: most('concurrentRequestsPerCaller', 1_000_000),
    wrongTokensPerMinute: most('wrongTokensPerMinute', 1_000_000),
    answerSeconds: most('answerSeconds', 86_400),
  }
}
