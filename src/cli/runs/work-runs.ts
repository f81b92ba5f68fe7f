import { exitCodes } from '../exit-codes.ts'
import { interruption } from '../interruption.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'
import { warn } from '../terminal.ts'
import { checkTemporaryFolder } from '../temporary-folder.ts'
import { closing, tell, type WorkSettings } from '../work.ts'
import { withRuns } from './place.ts'

/** What `work --runs` is told. */
export interface RunsWorkSettings extends WorkSettings {
  readonly queue: string
  readonly only?: readonly string[] | undefined
  readonly executor?: readonly ('process' | 'container')[] | undefined
  readonly allowedImage?: readonly string[] | undefined
  readonly domain?: string | undefined
  readonly apiBaseUrl?: string | undefined
  /** Whether an option was said on the command line. */
  readonly said: (option: string) => boolean
}

/** What the jobs of runs say themselves, or runs have no use for; by the option's name in the code. */
const useless = {
  timeout: '--timeout',
  attempts: '--attempts',
  image: '--image',
  cpus: '--cpus',
  memory: '--memory',
  status: '--status',
  statuses: '--statuses',
  records: '--records',
} as const

/** Runs instances until it is told to stop, or with `--once` and `--drain` by itself. */
export async function workOnRuns(
  session: Session,
  name: string | undefined,
  words: readonly string[],
  settings: RunsWorkSettings,
): Promise<void> {
  if (words.length > 0)
    throw new Problem(exitCodes.usage, 'Expected no program with --runs: the job of each run says what is run')
  const option = Object.entries(useless).find(([key]) => settings.said(key))?.[1]
  if (option !== undefined)
    throw new Problem(
      exitCodes.usage,
      `Expected no ${option} with --runs: the job of each run says it, or it has no use`,
    )
  const { concurrency, once, drain, lease, grace, scheduler, only, executor, allowedImage, domain, apiBaseUrl } =
    settings
  await checkTemporaryFolder()
  await withRuns(session, { ...settings, queue: name ?? settings.queue }, async (runs) => {
    using interrupted = interruption(session.terminal, {
      advice: 'Finishing what is in hand; once more (Ctrl-C) gives it back to the queue.',
      drains: true,
    })
    const worker = runs.work({
      concurrency,
      once,
      drain,
      scheduler,
      reap: scheduler,
      only,
      executors: executor,
      images: allowedImage,
      engine: settings.engine,
      engineOptions: settings.engineOption,
      domain,
      apiBaseUrl,
      leaseSeconds: lease,
      graceSeconds: grace,
      onEvent: (event) => tell(session, event),
      onWarning: (message) => warn(session.terminal, message),
    })
    await closing(worker, interrupted, settings.drainTimeout)
  })
}
