import type { RecordedRequest } from './request.ts'

/** Which requests fail, and how. */
export interface Fault {
  /** Only this operation, e.g. `PutObject`. @default every one */
  readonly operation?: string
  /** Only this key of S3 or name of a queue, or those that match. @default every one */
  readonly key?: string | RegExp
  /** Only requests of which this is true. @default every one */
  readonly where?: (request: RecordedRequest) => boolean
  /** The first of the fitting requests that fails, from 1 and counted from now. @default 1 */
  readonly from?: number
  /** How many of them fail. @default 1 */
  readonly times?: number
  /** Whether the server does what it was asked (`after`: only the answer is lost) or never hears of it. @default before */
  readonly when?: 'before' | 'after'
  readonly answer: Answer
}

/**
 * `drop` closes the connection without an answer; `hang` never answers; `cut` closes it half-way through the answer's body
 * (only `after`); else an answer of that status, with an error of that code as S3 or SQS would say it.
 */
export type Answer = 'drop' | 'hang' | 'cut' | ErrorAnswer

export interface ErrorAnswer {
  readonly status: number
  /** @default InternalError */
  readonly code?: string
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
  /** More elements of S3's error, e.g. `<Region>eu-west-1</Region>`. */
  readonly xml?: string
  /** The whole body, instead of an error. */
  readonly body?: string
}

/** The faults that are still to come. */
export class Faults {
  #pending: { readonly fault: Fault; seen: number }[] = []

  add(fault: Fault): void {
    this.#pending.push({ fault, seen: 0 })
  }

  clear(): void {
    this.#pending = []
  }

  /** The fault of this request; every fault that fits it counts it. */
  for(request: RecordedRequest): Fault | undefined {
    const fitting = this.#pending.filter(({ fault }) => fits(fault, request))
    for (const one of fitting) one.seen += 1
    return fitting.find(({ fault: { from = 1, times = 1 }, seen }) => seen >= from && seen < from + times)?.fault
  }
}

function fits({ operation, key, where }: Fault, request: RecordedRequest): boolean {
  if (operation !== undefined && operation !== request.operation) return false
  if (typeof key === 'string' && key !== request.key) return false
  if (key instanceof RegExp && !key.test(request.key ?? '')) return false
  return where === undefined || where(request)
}
