import type { EnvironmentEntry } from '../definition/environment-entry.ts'
import type { ObjectEvent } from '../../protocol/object-event.ts'

const operations = { write: 'Object:Write', delete: 'Object:Delete' } as const

/** Where IBM says that its events come from, before the bucket's name; programs that were written for them may look. */
const sourcePrefix = 'https://cloud.ibm.com/catalog/services/cloud-object-storage/'

/** What is said of a type where none is known, as S3 says it of objects that were stored without one. */
const unknownType = 'application/octet-stream'

/**
 * What a program is told of the event that it runs for: the variables of an event of IBM Cloud Object Storage in Code Engine, and those of
 * the subscription's extensions.
 */
export function eventEnvironment(
  event: ObjectEvent,
  extensions: Readonly<Record<string, string>>,
): readonly EnvironmentEntry[] {
  const { kind, bucket, key, time, requestId } = event
  const variables = {
    ...Object.fromEntries(Object.entries(extensions).map(([name, value]) => [`CE_${name.toUpperCase()}`, value])),
    CE_ID: requestId,
    CE_SOURCE: sourcePrefix + bucket,
    CE_SPECVERSION: '1.0',
    CE_TYPE: `com.ibm.cloud.cos.document.${kind}`,
    CE_TIME: time,
    CE_SUBJECT: key,
    CONTENT_TYPE: 'application/json',
    CE_DATA: JSON.stringify(dataOf(event)),
  }
  // No environment holds a NUL, and no program can be started with one; the data has it as JSON does.
  return Object.entries(variables)
    .filter(([, value]) => !value.includes('\0'))
    .map(([name, value]) => ({ kind: 'literal', name, value }))
}

/** Members in the order in which IBM has them. The length is text, and there always. */
function dataOf({ kind, bucket, key, time, requestId, size, etag, contentType }: ObjectEvent) {
  const operation = operations[kind]
  return {
    bucket,
    endpoint: '',
    key,
    notification: {
      bucket_name: bucket,
      content_type: contentType ?? unknownType,
      event_type: operation,
      format: '2.0',
      ...(kind === 'write' && etag !== undefined && { object_etag: etag }),
      object_length: String(size ?? 0),
      object_name: key,
      request_id: requestId,
      request_time: time,
    },
    operation,
  }
}
