import { RemoteJobError } from '../../errors.ts'
import { checkInteger, checkSeconds } from '../../options.ts'

/** How the gateway stands in for jobd. */
export interface JobdOptions {
  /** The queue that jobs go to; `remotejob work <queue> --zip` works on them. @default 'jobd' */
  readonly queue?: string | undefined
  /** Most bytes of one job's zip or files. @default 419430400 (400 MiB) */
  readonly maxInputBytes?: number | undefined
  /** Seconds after its end for which a job can be asked for here. A gateway that is a `scheduler` then removes what it handed back. @default 172800 (2 days) */
  readonly keepSeconds?: number | undefined
  /** Where jobs go that ask for Slurml. Without it they are refused. @default none */
  readonly slurml?: SlurmlOptions | undefined
}

/** An API of Slurml. */
export interface SlurmlOptions {
  /** Its address, to which `/api/submit` and `/api/download/<id>` are added: http or https. */
  readonly url: string
  /** What it is sent as `Authorization`, as it is. @default nothing */
  readonly token?: string | undefined
  /** Seconds between two looks, with fractions. @default 30 */
  readonly lookSeconds?: number | undefined
}

/** The queue of the jobs that are Slurml's. */
export const slurmlQueue = (queue: string): string => `${queue}-slurml`

/** The same, checked and complete. */
export interface JobdSettings {
  readonly queue: string
  readonly maxInputBytes: number
  readonly keepSeconds: number
  readonly slurml: SlurmlSettings | undefined
}

export interface SlurmlSettings {
  readonly url: string
  readonly token: string | undefined
  readonly lookSeconds: number
}

/** @throws RemoteJobError `INVALID_ARGUMENT`, without the token */
export function jobdSettings({ queue = 'jobd', maxInputBytes, keepSeconds, slurml }: JobdOptions = {}): JobdSettings {
  checkInteger('jobd.maxInputBytes', maxInputBytes, 1, Number.MAX_SAFE_INTEGER)
  checkSeconds('jobd.keepSeconds', keepSeconds)
  return {
    queue,
    maxInputBytes: maxInputBytes ?? 400 * 1024 ** 2,
    keepSeconds: keepSeconds ?? 172_800,
    slurml: slurml && slurmlSettings(slurml),
  }
}

function slurmlSettings({ url, token, lookSeconds }: SlurmlOptions): SlurmlSettings {
  checkSeconds('jobd.slurml.lookSeconds', lookSeconds, 3600)
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `jobd.slurml.url` to be an http or https URL')
  if (parsed.username !== '' || parsed.password !== '' || parsed.search !== '' || parsed.hash !== '')
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      'Expected `jobd.slurml.url` to have no user, query or fragment: what Slurml is to know you by is `token`',
    )
  if (token !== undefined && !/^[\x20-\x7e]*$/.test(token))
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `jobd.slurml.token` to be printable ASCII')
  return { url: parsed.href.replace(/\/$/, ''), token, lookSeconds: lookSeconds ?? 30 }
}
