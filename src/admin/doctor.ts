import type { Check, Finding, Verdict } from '../administration.ts'
import { type ErrorCode, isRemoteJobError } from '../errors.ts'
import { forEachOf } from '../for-each-of.ts'
import { orAbort } from '../lifecycle/or-abort.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { checkInteger, checkOneOf } from '../options.ts'
import { doubtful, well, wrong } from '../verdict.ts'
import { type AdminOptions, administer } from './administer.ts'
import { grantsOf } from './grants.ts'
import { roundTrip } from './round-trip.ts'

/** What to look at. */
export interface DoctorOptions extends AdminOptions {
  /** Whose permissions are tried out: `requester`, `worker` or `operator`. @default those of requesters and workers */
  readonly role?: 'requester' | 'worker' | 'operator' | undefined
  /** Whether a job is sent, done and waited for, in a queue of its own that is made and removed for that. @default false */
  readonly roundTrip?: boolean | undefined
  /** Whole seconds that each check may take, from 1 to 600; a round trip has six times that. @default 10 */
  readonly timeoutSeconds?: number | undefined
  /** Is told each finding as soon as there is one. */
  readonly onFinding?: ((finding: Finding) => void) | undefined
}

/** What may keep an answer away. */
const silence =
  'Check the network and `endpoint`, or what holds the local database (a stopped process, a database shell, a backup).'

/** Checks at the same time. */
const concurrency = 8

/**
 * Looks at all that a queue needs, or without a name at what every queue needs, and says of each what was found and what to do. Nothing
 * that it asks touches a job. What fails is a finding; only bad arguments reject.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `UNSUPPORTED`
 */
export async function doctor(name: string | undefined, options: DoctorOptions = {}): Promise<readonly Finding[]> {
  checkOneOf('role', options.role, ['requester', 'worker', 'operator'])
  checkInteger('timeoutSeconds', options.timeoutSeconds, 1, 600)
  const settings = name === undefined ? undefined : settingsFrom(name, options)
  return administer(options, async ({ administration }) => {
    const roles = options.role === undefined ? (['requester', 'worker'] as const) : [options.role]
    const subject = settings && { place: settings.place, prefix: settings.prefix, grants: grantsOf(roles, settings) }
    const checks = administration.checks(subject)
    const seconds = options.timeoutSeconds ?? 10
    const basis = checks.filter(({ isBasis }) => isBasis)
    const others = checks.filter(({ isBasis }) => !isBasis)
    const found = [await examine(nodeCheck, seconds, options)]
    found.push(...(await forEachOf(basis, concurrency, (check) => examine(check, seconds, options))))
    if (found.slice(1).some(({ ok }) => ok === false)) return [...found, notMade(others.length, options)]
    found.push(...(await forEachOf(others, concurrency, (check) => examine(check, seconds, options))))
    if (!settings || !options.roundTrip) return found
    const trip: Check = { check: 'round trip', run: ({ signal }) => roundTrip(settings, { ...options, signal }) }
    return [...found, await examine(trip, 6 * seconds, options)]
  })
}

const nodeCheck: Check = {
  check: 'Node.js',
  async run() {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major > 22 || (major === 22 && minor >= 18)) return well(process.versions.node)
    return wrong(process.versions.node, 'Install Node.js 22.18 or newer.')
  },
}

/** What would say the same over and over. */
function notMade(count: number, { onFinding }: DoctorOptions): Finding {
  const finding = {
    check: 'all else',
    ...doubtful(`${count} checks were not made, since each needs what is wrong above`, 'Mend that, and look again.'),
  }
  onFinding?.(finding)
  return finding
}

async function examine({ check, run }: Check, seconds: number, options: DoctorOptions): Promise<Finding> {
  const limit = AbortSignal.timeout(seconds * 1000)
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit
  const verdict = await orAbort(run({ signal }), signal).catch((error: unknown): Verdict => {
    options.signal?.throwIfAborted()
    if (limit.aborted) return wrong(`no answer within ${seconds} seconds`, silence)
    if (!isRemoteJobError(error)) throw error
    return wrong(error.message, adviceOn(error.code))
  })
  const finding = { check, ...verdict }
  options.onFinding?.(finding)
  return finding
}

/** The message of an error says what to do for those who call; this is for those who set up. */
function adviceOn(code: ErrorCode): string {
  const advice: Partial<Record<ErrorCode, string>> = {
    ACCESS_DENIED: 'Grant it: `policyFor` (`provision --policy`) writes the policy that this role needs.',
    BUCKET_TAKEN: 'Choose another bucket with the option `bucket`, in all programs of this queue.',
    NO_CREDENTIALS: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached.',
    INVALID_ARGUMENT:
      'Give it another value, in all programs of this queue: an option, a variable or the AWS profile sets it.',
    NOT_FOUND: 'Make it: run `provision`, or check the name, the region and the account.',
    UNAVAILABLE: 'Check the network and `endpoint`, and try again later.',
    WRONG_REGION: 'Set AWS_REGION or `region` to the region of the bucket.',
  }
  return advice[code] ?? `Look \`${code}\` up in the reference of errors, mend what it says, and look again.`
}
