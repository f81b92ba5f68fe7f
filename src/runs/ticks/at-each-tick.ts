import { RemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { JsonObject } from '../../protocol/json.ts'
import { show } from '../../protocol/names.ts'
import { checkJobName } from '../definition/check-definition.ts'
import { checkObject } from '../definition/check-members.ts'
import { definitionFrom, mergeDefinition } from '../definition/merge.ts'
import { refusal } from '../definition/refuse.ts'
import { checkExtensions } from '../events/extensions.ts'
import type { RunRequest } from '../run-request.ts'
import type { Jobs } from '../stored/jobs.ts'
import { checkReferences, type ReferenceOptions } from '../stored/references.ts'
import { checkTickImage } from './make-tick-run.ts'
import { formatTickRun, type TickRun } from './tick-run.ts'

/** What the programs are told beside, as IBM Code Engine's periodic timers tell it. */
export interface TickEvent {
  /** Text of at most 4096 bytes, which they have as `CE_DATA`; what is no JSON comes as `{"body":"…"}`. @default nothing */
  readonly data?: string | undefined
  /** The data's media type, which they have as `CONTENT_TYPE`. @default nothing */
  readonly contentType?: string | undefined
  /** Further attributes of the event, `CE_<NAME>` to them. @default none */
  readonly extensions?: Readonly<Record<string, string>> | undefined
}

/** What a schedule of `remotejob/cron` has to have so that each of its ticks makes a run. */
export interface AtEachTick {
  readonly job: JsonObject & { readonly body?: string }
  readonly options: { readonly attempts: number }
}

/** Tries of making a run: what is final fails at once, and all else is worth them. */
const attempts = 20
const maxDataBytes = 4096

/** @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND` for a stored job, a config map or a secret that there is not */
export async function atEachTick(
  { open, jobs }: { readonly open: () => Promise<Workspace>; readonly jobs: Jobs },
  request: RunRequest,
  { data, contentType, extensions = {} }: TickEvent,
  options: ReferenceOptions,
): Promise<AtEachTick> {
  checkObject('request', request)
  checkData(data, contentType)
  checkExtensions(extensions)
  if (request.runName !== undefined)
    throw refusal('runName', 'left out: runs of ticks have names made of the schedule and the instant', request.runName)
  const run = formatTickRun({ ...(await checkedRun(open, jobs, request, options)), extensions })
  const job = {
    run,
    ...(contentType === undefined ? {} : { contentType }),
    ...(data === undefined ? {} : { body: data }),
  }
  return { job, options: { attempts } }
}

async function checkedRun(
  open: () => Promise<Workspace>,
  jobs: Jobs,
  request: RunRequest,
  options: ReferenceOptions,
): Promise<Omit<TickRun, 'extensions'>> {
  if (request.job === undefined) {
    const { runName: _, job: _none, ...given } = request
    const definition = definitionFrom(given)
    await checkReferences(open, definition, options)
    return { definition, overrides: {} }
  }
  const { runName: _, job, ...overrides } = request
  checkJobName(job)
  const stored = await expected(jobs, job, options)
  if (stored) {
    checkTickImage(stored.definition, overrides.image)
    await checkReferences(open, mergeDefinition(stored.definition, overrides), options)
  }
  return { job, overrides }
}

async function expected(jobs: Jobs, job: string, { force, signal }: ReferenceOptions) {
  const stored = await jobs.get(job, { signal })
  if (stored || force) return stored
  throw new RemoteJobError(
    'NOT_FOUND',
    `There is no job "${job}" (\`job\`): create it first, or say \`force\` to do that later`,
  )
}

function checkData(data: unknown, contentType: unknown): void {
  // No environment holds a NUL.
  if (data !== undefined && (typeof data !== 'string' || data.includes('\0') || Buffer.byteLength(data) > maxDataBytes))
    throw refusal('data', `text of at most ${maxDataBytes} bytes, without NUL`, data)
  if (contentType !== undefined && (typeof contentType !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(contentType)))
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`contentType\` to be 1 to 255 printable ASCII characters, got ${show(contentType)}`,
    )
}
