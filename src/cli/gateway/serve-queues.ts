import { type Front, serve } from '../../gateway.ts'
import { isLoopbackName } from '../../gateway/access/host-names.ts'
import { exitCodes } from '../exit-codes.ts'
import { interruption } from '../interruption.ts'
import { printItem } from '../output/print.ts'
import { printable } from '../output/printable.ts'
import { describedIn } from '../runs/described-jobs.ts'
import { slimFaasSources } from '../runs/slimfaas-sources.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { warn } from '../terminal.ts'
import { readTokens } from './read-tokens.ts'

/** What `serve` is told. */
export interface ServeSettings {
  readonly port: number
  readonly host: string
  readonly basePath?: string | undefined
  readonly tokens?: string | undefined
  readonly queue?: readonly string[] | undefined
  readonly project?: Readonly<Record<string, string>> | undefined
  readonly runsQueue: string
  readonly privateFrom?: readonly string[] | undefined
  readonly trustedProxy?: readonly string[] | undefined
  readonly allowedHost?: readonly string[] | undefined
  readonly allowedOrigin?: readonly string[] | undefined
  readonly maxBody: number
  readonly maxRate: number
  readonly maxRequests: number
  readonly maxRequestsPerCaller: number
  readonly scheduler: boolean
  readonly drainTimeout: number
}

/** Serves until it is told to stop. */
export async function serveQueues(session: Session, settings: ServeSettings): Promise<void> {
  const { tokens, host } = settings
  if (tokens === undefined && !isLoopbackName(host))
    throw new Problem(
      exitCodes.usage,
      `Expected --tokens beside --host ${host}, which others can reach: make one with: remotejob token create`,
    )
  using interrupted = interruption(session.terminal, {
    advice: 'Letting requests end; once more (Ctrl-C) does not wait for them.',
    drains: true,
  })
  const front = await started(session, settings)
  await tell(session, front, tokens !== undefined)
  await aborted(interrupted.drain)
  interrupted.stop.addEventListener('abort', () => void front.close({ timeoutSeconds: 0 }), { once: true })
  await front.close({ timeoutSeconds: settings.drainTimeout })
}

async function started(session: Session, settings: ServeSettings): Promise<Front> {
  const { port, host, basePath, tokens, queue, runsQueue, privateFrom, trustedProxy, allowedHost, allowedOrigin } =
    settings
  const { bucket: _bucket, prefix: _prefix, statuses: _statuses, records: _records, ...place } = await session.options()
  const sources = await slimFaasSources()
  try {
    const front = await serve({
      ...place,
      port,
      host,
      basePath,
      runsQueue,
      scheduler: settings.scheduler,
      slimFaas: sources && (await describedIn(sources)),
      jobd: { slurml: slurml() },
      privateFrom,
      queues: queue,
      projects: settings.project,
      trustedProxies: trustedProxy,
      hosts: allowedHost,
      allowedOrigins: allowedOrigin,
      tokens: tokens === undefined ? undefined : await readTokens(tokens),
      limits: {
        bodyBytes: settings.maxBody,
        requestsPerSecond: settings.maxRate,
        concurrentRequests: settings.maxRequests,
        concurrentRequestsPerCaller: settings.maxRequestsPerCaller,
      },
      onError: (error) => warn(session.terminal, printable(error instanceof Error ? error.message : String(error))),
    })
    // What is wrong with the jobs that it is to offer is told at once, and not to the first who asks for one.
    await front.gateway.ready().catch(async (error: unknown) => {
      await front.close({ timeoutSeconds: 0 })
      throw error
    })
    return front
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new Problem(exitCodes.taken, `Port ${port} of ${host} is taken: choose another --port`, { cause: error })
  }
}

/** As jobd is told of it. */
function slurml(): { readonly url: string; readonly token: string | undefined } | undefined {
  const { SLURML_API_URL: url, SLURML_API_TOKEN: token } = process.env
  return url ? { url, token } : undefined
}

async function tell({ terminal, globals }: Session, { url }: Front, hasTokens: boolean): Promise<void> {
  await printItem(terminal, globals.output, { event: 'listening', url })
  if (terminal.isQuiet) return
  terminal.err.write(`Listening at ${url}\n`)
  if (!hasTokens) terminal.err.write('For this machine only: there are no tokens (--tokens).\n')
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
