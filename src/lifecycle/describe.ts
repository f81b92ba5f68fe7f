import type { Cancellable, ObjectInfo } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { isJsonObject, type JsonObject, parseJson } from '../protocol/json.ts'
import { metadataKey } from '../protocol/keys.ts'
import { formatNote, maxNoteBytes, parseNote } from '../protocol/note.ts'
import { text } from '../protocol/request.ts'
import { readBytes } from './download.ts'
import type { Workspace } from './workspace.ts'

/** What is said of an object beside its bytes. */
export interface Description {
  readonly metadata: JsonObject
  readonly filename: string | undefined
  readonly contentType: string | undefined
}

/** A description made ready to travel with an object: in its own user metadata, or in a `spilled` object of its own. */
export interface Note {
  readonly note: string
  readonly spilled: string | undefined
}

/** Puts JSON where one `note` can lead to it: into the note itself, or beside it when it is larger than S3's 2 KB. */
export async function writeNote(
  w: Workspace,
  owner: string,
  nonce: string,
  json: string,
  options?: Cancellable,
): Promise<Note> {
  const note = formatNote(json)
  if (note.length <= maxNoteBytes) return { note, spilled: undefined }
  const spilled = metadataKey(owner, nonce)
  await w.objects.put(spilled, Buffer.from(json), { contentType: 'application/json', signal: options?.signal })
  return { note: formatNote(JSON.stringify({ spilled })), spilled }
}

/** The JSON that {@link writeNote} was given, or `undefined` when the object has no note of ours. */
export async function readNote(w: Workspace, info: ObjectInfo, options?: Cancellable): Promise<JsonObject | undefined> {
  const note = parseNote(info.note)
  const spilled = note && spilledKey(note)
  return spilled === undefined ? note : readSpilled(w, spilled, options)
}

/** The key of the object that has the rest of a note, when one has. */
export function spilledKey(note: JsonObject): string | undefined {
  const key = text(note['spilled'])
  return key?.startsWith('metadata/') ? key : undefined
}

/** @throws RemoteJobError `NOT_FOUND` when the object is gone or is not JSON */
export async function readSpilled(w: Workspace, key: string, options?: Cancellable): Promise<JsonObject> {
  const bytes = await readBytes(w.objects, key, options)
  const json = bytes && parseJson(bytes.toString())
  if (isJsonObject(json)) return json
  throw new RemoteJobError('NOT_FOUND', `The metadata at "${key}" is gone or was written over`)
}

/** What is said of an object, by us or (in S3's lower-cased user metadata) by remotejob 2. */
export async function describe(w: Workspace, info: ObjectInfo, options?: Cancellable): Promise<Description> {
  const note = await readNote(w, info, options)
  if (!note)
    return { metadata: info.userMetadata, filename: info.userMetadata['filename'], contentType: info.contentType }
  const { metadata } = note
  return {
    metadata: isJsonObject(metadata) ? metadata : {},
    filename: text(note['filename']),
    contentType: text(note['contentType']) ?? info.contentType,
  }
}
