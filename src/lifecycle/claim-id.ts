import { randomBytes } from 'node:crypto'
import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { inputKey } from '../protocol/keys.ts'
import { parseNote } from '../protocol/note.ts'
import { formatRequest, type JobRequest, parseRequest, type Pointer } from '../protocol/request.ts'
import { readSpilled, spilledKey, writeNote } from './describe.ts'
import { readRecord } from './result.ts'
import { remove } from './retrieve.ts'
import { send, type Ticket } from './send.ts'
import type { Workspace } from './workspace.ts'

/** A claim to an id: the request, and the body stored for it. */
export interface Claim {
  readonly id: string
  readonly request: JobRequest
  /** Where the body is. */
  readonly pointer: Pointer | undefined
  /** Whether the body was stored for this claim alone, and goes when another's claim is first. */
  readonly disposable: boolean
}

/** The request that stands under an id, and where its metadata is when it is large. */
interface Standing {
  readonly request: JobRequest
  readonly spilled: string | undefined
}

/**
 * A job under an id that the caller chose: `inputs/<id>` is put if absent, so one id is one request however many ask at once.
 * Whoever comes second with the same request sends too, since the first may have died before it did.
 * @throws RemoteJobError `ID_IN_USE` when the id belongs to another request
 */
export async function claimId(w: Workspace, claim: Claim, options: Cancellable): Promise<Ticket> {
  const { id, pointer } = claim
  const mine: JobRequest = { ...claim.request, pointer }
  const { note, spilled } = await writeNote(w, id, randomBytes(6).toString('hex'), formatRequest(mine), options)
  const written = await w.objects.putIfAbsent(inputKey(id), Buffer.alloc(0), { note, signal: options.signal })
  const standing: Standing = written ? { request: mine, spilled } : await readStanding(w, id, options)
  if (!written) await discard(w, claim, spilled, standing)
  const record = await readRecord(w, id, options)
  const hashes = [standing.request.hash, record?.requestHash ?? mine.hash]
  if (hashes.some((hash) => hash !== mine.hash)) {
    if (written) await w.objects.delete(inputKey(id)).then(() => discard(w, claim, spilled))
    throw inUse(id)
  }
  const input = standing.request.pointer ?? { key: inputKey(id), size: 0 }
  if (!record) await send(w, id, standing.request, input, standing.spilled, options)
  return { id, key: input.key }
}

async function readStanding(w: Workspace, id: string, options: Cancellable): Promise<Standing> {
  const note = parseNote((await w.objects.head(inputKey(id), options))?.note)
  const spilled = note && spilledKey(note)
  const request = parseRequest(spilled === undefined ? note : await readSpilled(w, spilled, options))
  if (request) return { request, spilled }
  throw inUse(id)
}

/** Removes what was stored in vain. What the standing request names stays: it is ours when our first try landed and its answer was lost. */
async function discard(
  w: Workspace,
  { pointer, disposable }: Claim,
  spilled: string | undefined,
  standing?: Standing,
): Promise<void> {
  if (pointer && disposable && pointer.key !== standing?.request.pointer?.key) await remove(w, pointer.key)
  if (spilled !== undefined && spilled !== standing?.spilled) await w.objects.delete(spilled)
}

function inUse(id: string): RemoteJobError {
  return new RemoteJobError(
    'ID_IN_USE',
    `The id "${id}" belongs to another job, with other metadata or options; choose another id, or ask for the same`,
  )
}
