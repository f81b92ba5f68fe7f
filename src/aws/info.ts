import type { ObjectInfo } from '../backend.ts'
import { etagFrom, noteName } from './put.ts'

/** What S3's answers to GET and HEAD have in common. */
interface Answer {
  readonly ETag?: string | undefined
  readonly ContentType?: string | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
  readonly LastModified?: Date | undefined
}

/** An object as the seam describes it. */
export function infoFrom(key: string, answer: Answer, size: number | undefined, answeredAt: Date): ObjectInfo {
  const { [noteName]: note, ...userMetadata } = answer.Metadata ?? {}
  return {
    key,
    etag: etagFrom(answer.ETag, key),
    size: size ?? 0,
    contentType: answer.ContentType,
    note,
    userMetadata,
    lastModified: answer.LastModified ?? answeredAt,
    answeredAt,
  }
}
