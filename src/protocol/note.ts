import { isJsonObject, type JsonObject, parseJson } from './json.ts'

/**
 * Most bytes of a note: S3 keeps 2 KB of user metadata an object, names and values together.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export const maxNoteBytes = 2000

/** JSON text as ASCII, which S3's user metadata carries unchanged. */
export function formatNote(json: string): string {
  return encodeURIComponent(json)
}

/** The object that {@link formatNote} was given; `undefined` for anything else. */
export function parseNote(note: string | undefined): JsonObject | undefined {
  if (note === undefined) return undefined
  try {
    const value = parseJson(decodeURIComponent(note))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
