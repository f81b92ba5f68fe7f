import type { Cancellable } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { parseNote } from '../protocol/note.ts'
import { describe, spilledKey } from './describe.ts'
import { gone } from './download.ts'
import { StoredObject } from './stored-object.ts'
import type { Workspace } from './workspace.ts'

/** `queue.retrieve`: what is said of an object, and its bytes when they are asked for. */
export async function retrieve(w: Workspace, key: string, options?: Cancellable): Promise<StoredObject<JsonObject>> {
  const info = await w.objects.head(key, options)
  if (!info) throw new RemoteJobError('NOT_FOUND', `There is no object at "${key}": there never was, ${gone}`)
  const { etag, size } = info
  return new StoredObject({ objects: w.objects, key, etag }, { ...(await describe(w, info, options)), size })
}

/** `queue.remove`: an object, and the metadata that did not fit beside it. An absent one is no error. */
export async function remove(w: Workspace, key: string, options?: Cancellable): Promise<void> {
  const note = parseNote((await w.objects.head(key, options))?.note)
  await w.objects.delete(key, options)
  const spilled = note && spilledKey(note)
  // A job's own metadata stays: its message may still lead to it.
  if (spilled?.startsWith('metadata/stored.')) await w.objects.delete(spilled, options)
}
