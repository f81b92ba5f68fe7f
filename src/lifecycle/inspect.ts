import type { Cancellable, ObjectInfo } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { timeOfId } from '../protocol/id.ts'
import type { JsonObject, JsonValue } from '../protocol/json.ts'
import { inputKey } from '../protocol/keys.ts'
import type { ResultRecord } from '../protocol/record.ts'
import { type JobRequest, parseRequest } from '../protocol/request.ts'
import { describe, type Description, readNote } from './describe.ts'
import { type JobEvent, readEvents } from './job-events.ts'
import { describeEnd, type JobResult } from './job-result.ts'
import { readLive, type Sign } from './live.ts'
import { readRecord } from './result.ts'
import type { JobStatus } from './status.ts'
import { StoredObject } from './stored-object.ts'
import type { Workspace } from './workspace.ts'

/** All that is known of a job. What was never said, or is not known any more, is `undefined`. */
export interface JobDetails {
  readonly id: string
  readonly status: JobStatus
  readonly metadata: JsonObject
  readonly filename: string | undefined
  readonly contentType: string | undefined
  /** The bytes that it works on, to be read; `undefined` for a job of metadata alone. */
  readonly input: StoredObject<JsonObject> | undefined
  readonly submittedAt: Date | undefined
  /** Not before then. */
  readonly runAt: Date | undefined
  /** Not started later. */
  readonly expiresAt: Date | undefined
  /** How often it may be tried. */
  readonly attempts: number | undefined
  readonly timeoutSeconds: number | undefined
  readonly group: string | undefined
  /** The job that it tries again. */
  readonly retryOf: string | undefined
  /** Of a job in a worker's hands: which try it is, since when, and what the handler last reported. */
  readonly active: JobActivity | undefined
  /** What happened to its tries before its end, the oldest first. */
  readonly events: readonly JobEvent[]
  /** How it ended; `undefined` also for one whose time to live is over. */
  readonly result: JobResult | undefined
}

/** What a worker says of a job that it works on. */
export interface JobActivity {
  /** From 1. */
  readonly attempt: number
  readonly startedAt: Date
  /** Any JSON, as `job.progress` was given it. */
  readonly progress: JsonValue | undefined
}

/**
 * All that is known of a job, or `undefined` when that is nothing: five requests, and one for each of its newest errors.
 * @throws RemoteJobError `UNSUPPORTED` for a queue that keeps no records
 */
export async function inspect(w: Workspace, id: string, options: Cancellable = {}): Promise<JobDetails | undefined> {
  if (w.records === 'none')
    throw new RemoteJobError('UNSUPPORTED', "A queue with records: 'none' knows nothing of its jobs")
  const [info, sign, events] = await Promise.all([
    w.objects.head(inputKey(id), options),
    readLive(w, id, options),
    readEvents(w, id, options),
  ])
  // Last, so that a job which ends meanwhile is not shown as one that waits.
  const record = await readRecord(w, id, options)
  if (!record && !info && !sign && events.length === 0) return undefined
  return { ...ends(w, id, sign, record), ...(await asked(w, id, info, options, record)), events }
}

function ends(
  w: Workspace,
  id: string,
  sign: Sign | undefined,
  record: ResultRecord | undefined,
): Pick<JobDetails, 'id' | 'status' | 'active' | 'result'> {
  if (record) {
    const result = record.removedAt === undefined ? describeEnd(w, record) : undefined
    return { id, status: record.status, active: undefined, result }
  }
  if (!sign?.fresh) return { id, status: 'pending', active: undefined, result: undefined }
  const { attempt, startedAt, progress } = sign.live
  return { id, status: 'active', active: { attempt, startedAt: new Date(startedAt), progress }, result: undefined }
}

type Asked = Omit<JobDetails, 'id' | 'status' | 'active' | 'events' | 'result'>

/** What its requester said: from the input object's note, where there is one. */
async function asked(
  w: Workspace,
  id: string,
  info: ObjectInfo | undefined,
  options: Cancellable,
  record: ResultRecord | undefined,
): Promise<Asked> {
  const request = info && parseRequest(await readNote(w, info, options))
  const described = request ?? (info && (await describe(w, info, options))) ?? { metadata: {} }
  const { metadata, filename, contentType }: Partial<Description> & Pick<Description, 'metadata'> = described
  const submittedAt = request?.submittedAt ?? record?.submittedAt ?? timeOfId(id) ?? info?.lastModified.getTime()
  return {
    metadata,
    filename,
    contentType,
    input: info && inputOf(w, info, request, { metadata, filename, contentType }),
    submittedAt: instant(submittedAt),
    runAt: instant(request?.notBefore),
    expiresAt: instant(request?.expiresAt),
    attempts: request?.attempts,
    timeoutSeconds: request?.timeoutSeconds,
    group: request?.group,
    retryOf: request?.retryOf,
  }
}

function inputOf(
  w: Workspace,
  info: ObjectInfo,
  request: JobRequest | undefined,
  description: Description,
): StoredObject<JsonObject> | undefined {
  const { key, etag, size } = request?.pointer ?? info
  if (size === 0 && !request?.pointer) return undefined
  return new StoredObject({ objects: w.objects, key, etag }, { ...description, size })
}

const instant = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time))
