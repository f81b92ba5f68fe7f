import type { Cancellable } from '../backend.ts'
import { inputKey } from '../protocol/keys.ts'
import { type Input, isLarge } from '../protocol/message.ts'
import { formatRequest, type JobRequest, type Pointer } from '../protocol/request.ts'
import { writeNote } from './describe.ts'
import { send, type Ticket } from './send.ts'
import { isFar } from './timer.ts'
import type { Workspace } from './workspace.ts'

/** A job on bytes that are stored already, or on none: with all records, or when it has to wait, its own `inputs/<id>` points there. */
export async function sendStored(
  w: Workspace,
  id: string,
  { request, input }: { readonly request: JobRequest; readonly input: Input },
  options?: Cancellable,
): Promise<Ticket> {
  if (w.records !== 'all' && !isFar(request.notBefore)) {
    await send(w, id, request, input, await spillLarge(w, id, request, options), options)
    return { id, key: input.key ?? inputKey(id) }
  }
  const pointer = pointerFrom(input)
  const { note, spilled } = await writeNote(w, id, 'request', formatRequest({ ...request, pointer }), options)
  const { etag, size } = await w.objects.put(inputKey(id), Buffer.alloc(0), { note, signal: options?.signal })
  const meant = input.key === undefined ? { key: inputKey(id), etag, size } : input
  await send(w, id, request, meant, spilled, options)
  return { id, key: meant.key ?? inputKey(id) }
}

/** Metadata too large for a message, of a job that has no input object to keep it. */
export async function spillLarge(
  w: Workspace,
  id: string,
  request: JobRequest,
  options?: Cancellable,
): Promise<string | undefined> {
  if (!isLarge(request.metadata)) return undefined
  const { spilled } = await writeNote(w, id, 'request', formatRequest(request), options)
  return spilled
}

/** What messages of others name has no version that could be meant. */
function pointerFrom({ key, etag, size }: Input): Pointer | undefined {
  return key !== undefined && etag !== undefined && size !== undefined ? { key, etag, size } : undefined
}
