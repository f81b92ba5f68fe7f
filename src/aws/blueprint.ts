import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { Place } from '../backend.ts'
import type { Expiry } from '../protocol/retention.ts'

/** Seconds that SQS keeps a message at most: 14 days. */
const retentionSeconds = 1_209_600

/** Seconds that a receive waits which does not say, as in the queues of remotejob 2. */
const waitSeconds = 20

/** SQS's limit of limits. */
const mostReceives = 1000

/** Days after which an upload that nobody finished is forgotten, with its parts. */
const abandonedDays = 7

/** Every queue of a place; first the one that the others need. */
export function queuesOf(place: Place): readonly string[] {
  return [place.deadLetterQueue, ...place.queues.values()]
}

/** What queues are made with. */
export function queueAttributes(place: Place) {
  return {
    MessageRetentionPeriod: String(retentionSeconds),
    VisibilityTimeout: String(place.leaseSeconds),
    ReceiveMessageWaitTimeSeconds: String(waitSeconds),
  } as const
}

/** Receives after which a message of the pending queue is moved. */
export function receiveLimit(place: Place): number {
  return Math.min(place.maxReceives, mostReceives)
}

/** By which our rules are told from those of others. */
export const retentionRuleId = (prefix: string): string => `remotejob-retention-${prefix}`

/** A rule for each, under a name of its own, so that queues of different prefixes share a bucket. */
export function retentionRules(expiries: readonly Expiry[]): LifecycleRule[] {
  return expiries.map(({ prefix, days }) => ({
    ID: retentionRuleId(prefix),
    Status: 'Enabled',
    Filter: { Prefix: prefix },
    Expiration: { Days: days },
  }))
}

/** What a bucket is made with. */
export const abandonedUploads = {
  ID: 'remotejob-abandoned-uploads',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: abandonedDays },
} as const satisfies LifecycleRule
