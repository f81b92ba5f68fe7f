import { createHash } from 'node:crypto'
import type { Event, QueueConfiguration } from '@aws-sdk/client-s3'
import type { EventFilter } from '../../object-events.ts'

/**
 * The fewest changes to what is wanted that S3 takes: of one bucket no two rules for the same kind of event may fit the same key. Rules
 * that do become one that fits whatever one of them fits; whoever is told more than they asked for looks again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function apart(filters: readonly EventFilter[]): readonly EventFilter[] {
  const [first, ...rest] = filters
  if (!first) return []
  const others = apart(rest)
  const near = others.find((other) => overlap(first, other))
  return near ? apart([both(first, near), ...others.filter((other) => other !== near)]) : [first, ...others]
}

/** What the bucket is told for a queue. Ids come from the names, so that a rule is written once and found again. */
export function ruleOf(filter: EventFilter, queue: string, arn: string): QueueConfiguration {
  const { prefix, suffix } = filter
  const parts = { prefix, suffix }
  const FilterRules = (['prefix', 'suffix'] as const)
    .filter((Name) => parts[Name] !== '')
    .map((Name) => ({ Name, Value: parts[Name] }))
  return {
    Id: ruleIds(queue) + hashOf([filter.eventType, prefix, suffix]),
    QueueArn: arn,
    Events: eventsOf(filter),
    ...(FilterRules.length > 0 && { Filter: { Key: { FilterRules } } }),
  }
}

/** How the ids of a queue's rules begin; no queue's name has a dot. */
export const ruleIds = (queue: string): string => `remotejob.${queue}.`

/** 16 hexadecimal digits. */
export function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function eventsOf({ eventType }: EventFilter): Event[] {
  return [
    ...(eventType === 'delete' ? [] : (['s3:ObjectCreated:*'] as const)),
    ...(eventType === 'write' ? [] : (['s3:ObjectRemoved:*'] as const)),
  ]
}

function overlap(a: EventFilter, b: EventFilter): boolean {
  const kinds = a.eventType === 'all' || b.eventType === 'all' || a.eventType === b.eventType
  const prefixes = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)
  const suffixes = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix)
  return kinds && prefixes && suffixes
}

function both(a: EventFilter, b: EventFilter): EventFilter {
  return {
    eventType: a.eventType === b.eventType ? a.eventType : 'all',
    prefix: a.prefix.length < b.prefix.length ? a.prefix : b.prefix,
    suffix: a.suffix.length < b.suffix.length ? a.suffix : b.suffix,
  }
}
