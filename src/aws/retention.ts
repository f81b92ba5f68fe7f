import {
  GetBucketLifecycleConfigurationCommand,
  type GetBucketLifecycleConfigurationCommandOutput,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import type { Cancellable } from '../backend.ts'
import { hasCode, RemoteJobError } from '../errors.ts'
import type { Expiry } from '../protocol/retention.ts'
import { retentionRuleId, retentionRules } from './blueprint.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { reasonOf } from './failure.ts'

/** A bucket's lifecycle rules, and what else is kept with them. */
export type Rules = Pick<GetBucketLifecycleConfigurationCommandOutput, 'Rules' | 'TransitionDefaultMinimumObjectSize'>

/**
 * Makes the bucket's rules those that its expiries want. S3 knows only all rules at once, so those of others are read and written
 * back as they are.
 * @param known The rules of a bucket that was made just now, and that S3 may not tell of yet
 */
export async function retain(
  bucket: Bucket,
  expiries: readonly Expiry[],
  known?: readonly LifecycleRule[],
): Promise<void> {
  try {
    const found: Rules = known ? { Rules: [...known] } : await rulesOf(bucket)
    const isThere = expiries.every(({ prefix, days }) => daysIn(found.Rules ?? [], prefix) === days)
    if (isThere) return
    await write(bucket, found, retentionRules(expiries))
  } catch (error) {
    throw explained(error)
  }
}

/** Days after which objects of that prefix go, by a rule of ours that is in force. */
export function daysIn(rules: readonly LifecycleRule[], prefix: string): number | undefined {
  const rule = rules.find(({ ID, Status }) => ID === retentionRuleId(prefix) && Status === 'Enabled')
  return rule?.Filter?.Prefix === prefix ? rule.Expiration?.Days : undefined
}

/** What a bucket has; one without rules has none. */
export async function rulesOf(bucket: Bucket, options: Cancellable = {}): Promise<Rules> {
  const command = new GetBucketLifecycleConfigurationCommand(bucket.named)
  try {
    return await call(bucket.doing('GetBucketLifecycleConfiguration'), options, (http) => bucket.s3.send(command, http))
  } catch (error) {
    if (reasonOf(error) === 'no-rules') return {}
    throw error
  }
}

async function write(bucket: Bucket, { Rules = [], ...more }: Rules, ours: readonly LifecycleRule[]): Promise<void> {
  const { TransitionDefaultMinimumObjectSize } = more
  const names = new Set(ours.map(({ ID }) => ID))
  const command = new PutBucketLifecycleConfigurationCommand({
    ...bucket.named,
    ...(TransitionDefaultMinimumObjectSize === undefined ? {} : { TransitionDefaultMinimumObjectSize }),
    LifecycleConfiguration: { Rules: [...Rules.filter(({ ID }) => !names.has(ID)), ...ours] },
  })
  await call(bucket.doing('PutBucketLifecycleConfiguration'), {}, (http) => bucket.s3.send(command, http))
}

/** Jobs that are kept for ever against somebody's will are no small matter: nobody goes on without the rules. */
function explained(error: unknown): unknown {
  if (!hasCode(error, 'ACCESS_DENIED') && !hasCode(error, 'UNSUPPORTED')) return error
  const advice =
    error.code === 'UNSUPPORTED'
      ? 'leave out `retentionDays`, and remove old objects by the means of that server'
      : 'grant it, or give `retentionDays` only where the bucket is provisioned'
  return new RemoteJobError(error.code, `${error.message}; ${advice}`, { cause: error.cause })
}
