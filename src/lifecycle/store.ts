import { randomUUID } from 'node:crypto'
import type { Cancellable } from '../backend.ts'
import { type Content, contentFrom } from '../body.ts'
import { hasCode, RemoteJobError } from '../errors.ts'
import { checkPlain, type JsonObject, jsonObjectFrom } from '../protocol/json.ts'
import { checkKey, checkStoreKey, storedKey } from '../protocol/keys.ts'
import { text, type Pointer } from '../protocol/request.ts'
import { type Description, type Note, writeNote } from './describe.ts'
import { mediaOf } from './media-of.ts'
import type { Workspace } from './workspace.ts'

/** A job's data as the user gave it, taken apart and checked: metadata, and beside it `key` and `body`, which are no part of it. */
export interface JobData extends Description {
  readonly key: string | undefined
  readonly content: Content | undefined
}

/**
 * Takes the user's data apart. Nothing has been read or written when this refuses.
 * @throws RemoteJobError `INVALID_ARGUMENT` for what cannot be sent
 */
export function readData(data: unknown): JobData {
  const given = data ?? {}
  checkPlain(given, 'metadata')
  const { key, body, ...rest }: { key?: unknown; body?: unknown } = given
  const content = body === undefined || body === null ? undefined : contentFrom(body)
  try {
    const metadata = jsonObjectFrom(rest, 'metadata')
    if (key !== undefined) checkKey(key)
    return { key, content, metadata, ...naming(metadata, content) }
  } catch (error) {
    letGo(content)
    throw error
  }
}

/** `filename` and `contentType` among the metadata say what the body is; else the body itself, else the filename's ending. */
export function naming(metadata: JsonObject, content?: Content): Pick<Description, 'filename' | 'contentType'> {
  const filename = text(metadata['filename']) ?? content?.filename
  const contentType = text(metadata['contentType']) ?? content?.contentType ?? mediaOf(filename)
  if (contentType !== undefined && !/^[\x20-\x7e]{1,255}$/.test(contentType)) {
    throw new RemoteJobError('INVALID_ARGUMENT', 'Expected `contentType` to be 1 to 255 printable ASCII characters')
  }
  if (filename !== undefined && Buffer.byteLength(filename) > 1024) {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected \`filename\` to be at most 1024 bytes of UTF-8, got ${Buffer.byteLength(filename)}`,
    )
  }
  return { filename, contentType }
}

/** `queue.store`: keeps a body under a key of its own or the caller's, and says what it is. */
export async function store(w: Workspace, data: JobData, options?: Cancellable): Promise<Pointer> {
  if (data.key !== undefined) checkStoreKey(data.key)
  return storeAt(w, data.key ?? storedKey(randomUUID()), data, options)
}

/** The same under a key that was promised before, and that need not be a user's own. */
export async function storeAt(w: Workspace, key: string, data: JobData, options?: Cancellable): Promise<Pointer> {
  const { metadata, filename, contentType } = data
  const note = await writeNote(w, 'stored', randomUUID(), JSON.stringify({ metadata, filename, contentType }), options)
  return putContent(w, key, data, note, options)
}

/** Writes a body, or nothing where there is none, with its note. Of a body that fails nothing stays, nor what was spilled for it. */
export async function putContent(
  w: Workspace,
  key: string,
  { content, contentType }: Pick<JobData, 'content' | 'contentType'>,
  { note, spilled }: Note,
  options?: Cancellable,
): Promise<Pointer> {
  try {
    const body = content?.data ?? Buffer.alloc(0)
    const { etag, size } = await w.objects.put(key, body, {
      note,
      contentType,
      size: content?.size,
      signal: options?.signal,
    })
    return { key, etag, size }
  } catch (error) {
    // After any other failure the object may be there, and lead to what was spilled.
    const incomplete = hasCode(error, 'BODY_FAILED') || hasCode(error, 'INVALID_ARGUMENT')
    if (incomplete && spilled !== undefined) await w.objects.delete(spilled).catch(() => {})
    throw error
  }
}

/** A stream that will not be read is closed, so that its file or socket is. */
export function letGo(content: Content | undefined): void {
  if (content && !(content.data instanceof Uint8Array)) content.data.destroy()
}
