import { buffer } from 'node:stream/consumers'
import type { Delivery, ObjectInfo, ObjectStore, OpenBackend, Place } from '../src/backend.ts'
import type { FinalStatus, JobResult } from '../src/index.ts'
import { readDelivery } from '../src/protocol/delivery.ts'
import type { Home } from '../src/protocol/foreign.ts'
import { parseJson } from '../src/protocol/json.ts'
import { assetsPrefix, claimKey, inputKey, resultKey } from '../src/protocol/keys.ts'
import type { JobMessage } from '../src/protocol/message.ts'
import { parseNote } from '../src/protocol/note.ts'
import { parseRecord, type RecordedAsset, type ResultRecord } from '../src/protocol/record.ts'
import { text } from '../src/protocol/request.ts'
import type { Witness } from './witness.ts'

/** What the people of a run were told. `by` is whoever was told, one worker's one delivery. */
export class Told {
  /** Jobs whose `submit` or `trigger` resolved. */
  readonly submitted = new Set<string>()
  /** What `cancel` said. */
  readonly cancelled: { readonly id: string; readonly answer: boolean }[] = []
  /** `complete` and `fail` that resolved. */
  readonly committed: { readonly id: string; readonly by: string; readonly status: FinalStatus }[] = []
  /** Jobs that were handed out, and those taken off their queue before they were done, in the order of time. */
  readonly work: { readonly id: string; readonly by: string; readonly what: 'handed' | 'acknowledged' }[] = []
  /** Ends that were told to requesters, and to those who listen on the status queues. */
  readonly ends: JobResult[] = []
  /** Final states that were told with less around them. */
  readonly statuses: { readonly id: string; readonly status: FinalStatus }[] = []
}

/** A run that is over, its queues worked off and the leases of its messages ended. */
export interface Run {
  readonly witness: Witness
  readonly told: Told
  /** Where it took place, unwatched. */
  readonly opened: OpenBackend
  readonly place: Place
  /** The queue's, as its keys have it. @default none */
  readonly prefix?: string
}

/** PROTOCOL's invariants over a finished run with `records: 'all'`: those that do not hold, in words. */
export async function brokenInvariants({ witness, told, opened, place, prefix = '' }: Run): Promise<string[]> {
  const broken = [...witness.misdeeds]
  const evidence = new Evidence(opened.objects, prefix)
  const home = { bucket: place.bucket, prefix }
  const messages = messagesOf(witness, home)
  const jobs = new Set([...told.submitted, ...messages.filter(({ finished }) => !finished).map(({ id }) => id)])
  for (const id of jobs) broken.push(...(await faultsOfJob(id, evidence, told, messages)))
  broken.push(...(await changedResults(witness, evidence)))
  for (const end of told.ends) broken.push(...(await faultsOfEnd(end, evidence)))
  broken.push(...twice(told))
  for (const name of place.queues.values()) broken.push(...(await leftIn(opened, name)))
  for (const letter of await drain(opened, place.deadLetterQueue)) {
    if (readDelivery(letter, home).kind === 'job') broken.push(`a job is in the dead-letter queue: ${letter.body}`)
  }
  return broken
}

/** Objects of a finished run; nothing changes any more, so each is read once. */
class Evidence {
  readonly #objects: ObjectStore
  readonly #prefix: string
  readonly #records = new Map<string, Promise<{ text: string; record: ResultRecord | undefined } | undefined>>()

  constructor(objects: ObjectStore, prefix: string) {
    this.#objects = objects
    this.#prefix = prefix
  }

  result(key: string): Promise<{ text: string; record: ResultRecord | undefined } | undefined> {
    const known = this.#records.get(key) ?? this.#read(key)
    this.#records.set(key, known)
    return known
  }

  record(id: string): Promise<ResultRecord | undefined> {
    return this.result(resultKey(id)).then((found) => found?.record)
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#objects.head(this.#prefix + key)
  }

  async #read(key: string): Promise<{ text: string; record: ResultRecord | undefined } | undefined> {
    const reading = await this.#objects.get(this.#prefix + key)
    if (!reading) return undefined
    const written = (await buffer(reading.body)).toString()
    return { text: written, record: parseRecord(parseJson(written)) }
  }
}

async function faultsOfJob(
  id: string,
  evidence: Evidence,
  told: Told,
  messages: readonly JobMessage[],
): Promise<string[]> {
  const record = await evidence.record(id)
  if (!record) return (await evidence.head(claimKey(id))) ? [] : [`job ${id} has no end`]
  const faults: string[] = []
  const words = messages.filter((message) => message.id === id && message.finished)
  const isClaimed = (await evidence.head(claimKey(id))) !== undefined
  if (words.length === 0 && !isClaimed) faults.push(`the end of job ${id} was never announced`)
  for (const { finished } of words) {
    if (finished?.status !== record.status)
      faults.push(`job ${id} is ${record.status}, announced as ${finished?.status}`)
    if (finished?.record && !same(finished.record, record)) faults.push(`job ${id} was announced with another record`)
  }
  for (const { status } of [...told.statuses, ...told.committed].filter((one) => one.id === id)) {
    if (status !== record.status)
      faults.push(`somebody was told that job ${id} is ${status}, and it is ${record.status}`)
  }
  const answers = told.cancelled.filter((one) => one.id === id)
  if (answers.some(({ answer }) => answer) && record.status !== 'cancelled') {
    faults.push(`cancel of job ${id} was told true, and it is ${record.status}`)
  }
  if (answers.some(({ answer }) => !answer) && record.status === 'cancelled') {
    faults.push(`cancel of job ${id} was told false, and it is cancelled`)
  }
  for (const asset of record.assets) faults.push(...(await faultsOfAsset(record, asset, evidence)))
  faults.push(...(await faultsOfRequest(record, evidence)))
  return faults
}

/** Completed names only what exists, of the recorded size, and all of one attempt. */
async function faultsOfAsset(
  { id, attempt, nonce }: ResultRecord,
  asset: RecordedAsset,
  evidence: Evidence,
): Promise<string[]> {
  const { key, name, size, etag, inline } = asset
  if (key === undefined) {
    return Buffer.from(inline ?? '', 'base64').byteLength === size
      ? []
      : [`asset ${name} of job ${id} has not its size`]
  }
  if (!key.startsWith(assetsPrefix(id, attempt, nonce)))
    return [`asset ${key} is not of the attempt that ended job ${id}`]
  const found = await evidence.head(key)
  if (!found) return [`asset ${key} is named by a result and does not exist`]
  return found.size === size && found.etag === etag ? [] : [`asset ${key} is not what the result says`]
}

/** One id, one request, one result. */
async function faultsOfRequest({ id, requestHash }: ResultRecord, evidence: Evidence): Promise<string[]> {
  const note = parseNote((await evidence.head(inputKey(id)))?.note)
  const spilled = text(note?.['spilled'])
  const found = spilled === undefined ? undefined : await evidence.result(spilled)
  if (spilled !== undefined && !found) return [`the metadata of job ${id} at ${spilled} is gone`]
  const request = found ? parseJson(found.text) : note
  const hash = typeof request === 'object' && request !== null && 'hash' in request ? request.hash : undefined
  return hash === undefined || requestHash === undefined || hash === requestHash
    ? []
    : [`the result of job ${id} is another request's`]
}

/** A result never changes. */
async function changedResults(witness: Witness, evidence: Evidence): Promise<string[]> {
  const faults: string[] = []
  for (const [key, written] of witness.results) {
    if ((await evidence.result(key))?.text !== written) faults.push(`${key} is not what was written`)
  }
  return faults
}

/** Every end that is told equals the record. */
async function faultsOfEnd(end: JobResult, evidence: Evidence): Promise<string[]> {
  const record = await evidence.record(end.id)
  const { status, attempt, value, finishedAt, assets } = end
  const told = { status, attempt, value, finishedAt: finishedAt.getTime(), assets: Object.keys(assets).toSorted() }
  const stands = record && {
    status: record.status,
    attempt: record.attempt,
    value: record.value,
    finishedAt: record.finishedAt,
    assets: record.assets.map(({ name }) => name).toSorted(),
  }
  return same(told, stands) ? [] : [`somebody was told another end of job ${end.id} than its record`]
}

/** At most one attempt is told "committed", and what was taken off its queue early is handed to nobody else. */
function twice({ committed, work }: Told): string[] {
  const faults: string[] = []
  for (const { id, by } of committed) {
    const others = committed.filter((one) => one.id === id && one.by !== by)
    if (others.length > 0) faults.push(`job ${id} was committed by ${by} and by ${others[0]?.by}`)
  }
  for (const [index, { id, by, what }] of work.entries()) {
    if (what !== 'acknowledged') continue
    const next = work.slice(index).find((one) => one.id === id && one.by !== by)
    if (next) faults.push(`job ${id} was ${next.what} by ${next.by} after ${by} had acknowledged it`)
  }
  return faults
}

/** The jobs that every message stood for, announcements included. */
function messagesOf(witness: Witness, home: Home): readonly JobMessage[] {
  return witness.sent.flatMap(({ message: { body, attributes = {} } }) => {
    const reading = readDelivery(
      { messageId: '', receipt: '', body, attributes, receiveCount: 1, sentAt: new Date(0) },
      home,
    )
    return reading.kind === 'job' ? [reading.message] : reading.kind === 'several' ? reading.messages : []
  })
}

async function leftIn(opened: OpenBackend, name: string): Promise<string[]> {
  return (await drain(opened, name)).map(({ body }) => `a message is left in ${name}: ${body.slice(0, 200)}`)
}

async function drain(opened: OpenBackend, name: string): Promise<readonly Delivery[]> {
  const found: Delivery[] = []
  for (;;) {
    const more = await opened.queue(name).receive({ max: 10, waitSeconds: 0, leaseSeconds: 60 })
    if (more.length === 0) return found
    found.push(...more)
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
