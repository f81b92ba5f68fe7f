import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { timeOfId } from '../protocol/id.ts'
import { inputKey } from '../protocol/keys.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { parseRequest } from '../protocol/request.ts'
import { readNote } from './describe.ts'
import { Letter } from './letter.ts'
import { noMailbox } from './mailbox.ts'
import { readRecord } from './result.ts'
import type { Workspace } from './workspace.ts'

/** How long to wait for a job's end. */
export interface WaitOptions extends Cancellable {
  /** Most seconds to wait; then it rejects with `TIMED_OUT`, and the job goes on. @default no limit */
  readonly timeoutSeconds?: number | undefined
}

/** Seconds from one look to the next: at first, and at most. */
const pauses = { untold: { first: 0.1, longest: 5 }, told: { first: 5, longest: 30 } } as const
/** No message lives longer than 14 days: without records a job of that age is not coming back. */
const lostAfterSeconds = 15 * 24 * 3600

/**
 * A job's record, as soon as there is one.
 * @param known Whether the job is known to exist, so that it need not be looked for
 * @throws RemoteJobError `JOB_NOT_FOUND`, `TIMED_OUT`, `LOST`, `UNSUPPORTED`
 */
export async function waitForRecord(
  w: Workspace,
  id: string,
  { signal, timeoutSeconds }: WaitOptions,
  known = false,
): Promise<ResultRecord> {
  const deadline = timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutSeconds * 1000
  if (w.records === 'none' && (await w.mailbox?.address()) === undefined) noMailbox(w.name)
  // Listened for before the first look, so that no end falls between the two.
  using letter = w.mailbox?.listen(id) ?? new Letter(() => {})
  let looked = known || w.records === 'none'
  for (let turn = 0; ; turn += 1) {
    const record = w.records === 'none' ? toldRecord(w, id) : await readRecord(w, id, { signal })
    if (record) return record
    if (w.closing.aborted) throw new RemoteJobError('CLOSED', `Queue "${w.name}" was closed before job "${id}" ended`)
    if (!looked) await lookFor(w, id, { signal })
    looked = true
    await checkLost(w, id, { signal })
    const left = deadline - Date.now()
    if (left <= 0)
      throw new RemoteJobError(
        'TIMED_OUT',
        `Job "${id}" did not end within ${timeoutSeconds} seconds; it goes on, and can be waited for again`,
      )
    await letter.wait(Math.min(left / 1000, pauseSeconds(turn, w.mailbox?.expects(id) === true)), signal)
  }
}

/** Where records are written nowhere, the reply is the record. */
function toldRecord({ mailbox, name }: Workspace, id: string): ResultRecord | undefined {
  const record = mailbox?.recordOf(id)
  if (record || mailbox?.awaits(id)) return record
  throw new RemoteJobError(
    'LOST',
    `The result of job "${id}" cannot come here: this Queue "${name}" did not send it, has lost its reply queue since, or had to forget it`,
  )
}

/** Whoever is told of the end looks by itself only now and then, in case the word of it is lost. */
function pauseSeconds(turn: number, isTold: boolean): number {
  const { first, longest } = isTold ? pauses.told : pauses.untold
  return Math.min(longest, first * 1.5 ** turn)
}

async function lookFor(w: Workspace, id: string, options: Cancellable): Promise<void> {
  if (await w.objects.head(inputKey(id), options)) return
  // Jobs of metadata alone have no input there, and a job may have ended between the two looks.
  if (w.records === 'results' && timeOfId(id) !== undefined) return
  if (await readRecord(w, id, options)) return
  throw new RemoteJobError('JOB_NOT_FOUND', `There is no job "${id}" in queue "${w.name}"`)
}

async function checkLost(w: Workspace, id: string, options: Cancellable): Promise<void> {
  const submitted = timeOfId(id)
  if (w.records !== 'results' || submitted === undefined || !isLongAgo(submitted)) return
  // One that waited for its time was sent only then.
  const input = await w.objects.head(inputKey(id), options)
  const request = input && parseRequest(await readNote(w, input, options))
  if (request?.notBefore !== undefined && !isLongAgo(request.notBefore)) return
  throw new RemoteJobError('LOST', `Job "${id}" has no result 15 days after it was sent: its message is gone`)
}

function isLongAgo(time: number): boolean {
  return Date.now() - time >= lostAfterSeconds * 1000
}
