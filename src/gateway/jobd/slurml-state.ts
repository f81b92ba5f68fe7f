import { hasCode } from '../../errors.ts'
import type { StoredObject } from '../../lifecycle/stored-object.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import type { Queue } from '../../queue.ts'

/** What Slurml has said of a job so far. It is kept beside the job, so that whoever goes on with it knows. */
export interface SlurmlState {
  readonly slurmId: number
  readonly partial: StoredObject | undefined
}

/** Where Slurml's number of a job is. */
export const stateKey = (id: string): string => `slurml/${id}.json`
/** Where what it has made so far is. */
export const partialKey = (id: string): string => `slurml/${id}.zip`

/** `undefined` of a job that Slurml does not have yet. */
export async function readSlurmlState(queue: Queue, id: string, signal: AbortSignal): Promise<SlurmlState | undefined> {
  const [state, partial] = await Promise.all([find(queue, stateKey(id), signal), find(queue, partialKey(id), signal)])
  const said = state && parseJson(await state.text({ signal }))
  if (!isJsonObject(said) || typeof said['slurmId'] !== 'number') return undefined
  return { slurmId: said['slurmId'], partial }
}

/** Writes down which job of Slurml's it is. */
export async function writeSlurmId(queue: Queue, id: string, slurmId: number, signal: AbortSignal): Promise<void> {
  await queue.store({ key: stateKey(id), body: JSON.stringify({ slurmId }) }, { signal })
}

/** Keeps what it has made so far, in place of what it had before. */
export async function writePartial(
  queue: Queue,
  id: string,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  await queue.store({ key: partialKey(id), body }, { signal })
}

async function find(queue: Queue, key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
  try {
    return await queue.retrieve(key, { signal })
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
