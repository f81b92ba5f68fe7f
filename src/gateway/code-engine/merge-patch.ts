import { isJsonObject } from '../../protocol/json.ts'

/**
 * A document with a patch on it (RFC 7396): members are replaced, those that are null go, objects are merged. What is null in a
 * member that was no object stays, since nulls are read as what is not there.
 */
export function mergePatch(document: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch) || !isJsonObject(document)) return patch
  const entries = new Map<string, unknown>(Object.entries(document))
  for (const [name, value] of Object.entries(patch))
    if (value === null) entries.delete(name)
    else entries.set(name, mergePatch(entries.get(name), value))
  return Object.fromEntries(entries)
}
