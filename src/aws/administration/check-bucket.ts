import {
  HeadBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3'
import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { Check, Subject, Verdict } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { doubtful, well, wrong } from '../../verdict.ts'
import { answerTime } from '../answer-time.ts'
import type { Bucket } from '../bucket.ts'
import { call } from '../call.ts'
import { probeKey } from '../probe.ts'
import { exists } from '../provision-bucket.ts'
import { putIfAbsent } from '../put-if-absent.ts'
import { reasonOf } from '../failure.ts'

/** Days that a message can live, and then some; and results must outlive it by a month. */
const least = { inputs: 15, assets: 15, stored: 15, metadata: 15, history: 15, results: 45, claims: 45 } as const

/** Milliseconds by which this machine's clock may be off; AWS refuses from 15 minutes on. */
const doubtfulSkew = 60_000
const refusedSkew = 15 * 60_000

/** What can be looked at of a bucket. */
export function bucketChecks(bucket: Bucket, { prefix }: Subject): Check[] {
  return [
    { check: `bucket ${bucket.name}`, run: () => checkExistence(bucket) },
    { check: 'clock', run: (options) => checkClock(bucket, options) },
    { check: 'conditional writes', run: (options) => checkConditions(bucket, options) },
    { check: 'lifecycle rules', run: (options) => checkLifecycle(bucket, prefix, options) },
    { check: 'versions and locks', run: (options) => checkVersions(bucket, options) },
  ]
}

async function checkExistence(bucket: Bucket): Promise<Verdict> {
  if (await exists(bucket)) return well('it is there, and S3 answers')
  return wrong('it does not exist', 'Make it: run `provision`, or check the name, the region and the account.')
}

/** Against the store's clock. The SDK corrects its own signatures, but ages and dates are told by ours. */
async function checkClock(bucket: Bucket, options: Cancellable): Promise<Verdict> {
  const command = new HeadBucketCommand(bucket.named)
  const answered = answerTime(command)
  try {
    await call(bucket.doing('HeadBucket'), options, (http) => bucket.s3.send(command, http))
  } catch (error) {
    // Whatever it says, it has a date; without an answer there is none.
    if (['unreachable', 'clock', 'no-credentials', 'no-region'].includes(reasonOf(error))) throw error
  }
  const skew = Math.abs(Date.now() - answered().getTime())
  const detail = `${Math.round(skew / 1000)} s from the store's`
  if (skew < doubtfulSkew) return well(detail)
  const advice = "Set this machine's clock (NTP)."
  return skew < refusedSkew ? doubtful(detail, advice) : wrong(detail, advice)
}

/** Writes one small key if it is absent, twice: the same that provisioning does. */
async function checkConditions(bucket: Bucket, options: Cancellable): Promise<Verdict> {
  const write = () =>
    putIfAbsent(bucket, probeKey, Buffer.from('remotejob asks this store whether it writes a key twice'), options)
  try {
    if ((await write()) !== undefined && (await write()) !== undefined)
      return wrong(
        `it wrote ${probeKey} twice`,
        'Use a store that keeps If-None-Match: two outcomes of a job could be recorded here.',
      )
    return well('kept')
  } catch (error) {
    if (reasonOf(error) !== 'denied') throw error
    return doubtful(
      `not tried: s3:PutObject on ${bucket.name}/${probeKey} is not granted`,
      'Let the provisioner run this check; Amazon S3 keeps conditional writes.',
    )
  }
}

/** Rules that would remove what a message may still need. */
async function checkLifecycle(bucket: Bucket, prefix: string, options: Cancellable): Promise<Verdict> {
  const rules = await lifecycleRules(bucket, options)
  if (rules === undefined) return unseen('s3:GetLifecycleConfiguration', bucket)
  const early = rules.filter(({ Status }) => Status === 'Enabled').flatMap((rule) => tooEarly(rule, prefix))
  if (early.length > 0) {
    return doubtful(
      early.join('; '),
      'Let inputs and what belongs to them live for 15 days or more, results and claims for 45: a late message would run its job again, or find no input.',
    )
  }
  if (rules.some((rule) => rule.AbortIncompleteMultipartUpload)) return well(`${rules.length}, none too early`)
  return doubtful(
    'none forgets abandoned uploads',
    'Add a rule with AbortIncompleteMultipartUpload: their parts are paid for.',
  )
}

async function lifecycleRules(bucket: Bucket, options: Cancellable): Promise<readonly LifecycleRule[] | undefined> {
  const command = new GetBucketLifecycleConfigurationCommand(bucket.named)
  try {
    const { Rules = [] } = await call(bucket.doing('GetBucketLifecycleConfiguration'), options, (http) =>
      bucket.s3.send(command, http),
    )
    return Rules
  } catch (error) {
    if (reasonOf(error) === 'no-rules') return []
    if (reasonOf(error) === 'denied') return undefined
    throw error
  }
}

function tooEarly({ ID, Filter, Expiration, Prefix }: LifecycleRule, prefix: string): string[] {
  const days = Expiration?.Days
  const covered = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? ''
  if (days === undefined) return []
  const short = Object.entries(least).filter(([folder, needed]) => {
    const own = `${prefix}${folder}/`
    return days < needed && (own.startsWith(covered) || covered.startsWith(own))
  })
  return short.length === 0
    ? []
    : [`"${ID}" removes ${short.map(([folder]) => `${folder}/`).join(', ')} after ${days} days`]
}

/** Both are fine to work with; what they cost is worth knowing. */
async function checkVersions(bucket: Bucket, options: Cancellable): Promise<Verdict> {
  const locked = await objectLock(bucket, options)
  if (locked === true)
    return doubtful('object lock is on', 'Use a bucket without object lock: nothing could be removed before its time.')
  const command = new GetBucketVersioningCommand(bucket.named)
  try {
    const { Status } = await call(bucket.doing('GetBucketVersioning'), options, (http) => bucket.s3.send(command, http))
    if (Status !== 'Enabled') return well(`versioning ${Status === undefined ? 'off' : 'suspended'}, no object lock`)
    return doubtful(
      'versioning is on',
      'Add a lifecycle rule with NoncurrentVersionExpiration, or each heartbeat leaves a version to pay for.',
    )
  } catch (error) {
    if (reasonOf(error) !== 'denied') throw error
    return unseen('s3:GetBucketVersioning', bucket)
  }
}

/** `undefined` where it cannot be told. */
async function objectLock(bucket: Bucket, options: Cancellable): Promise<boolean | undefined> {
  const command = new GetObjectLockConfigurationCommand(bucket.named)
  try {
    const { ObjectLockConfiguration: found } = await call(bucket.doing('GetObjectLockConfiguration'), options, (http) =>
      bucket.s3.send(command, http),
    )
    return found?.ObjectLockEnabled === 'Enabled'
  } catch {
    options.signal?.throwIfAborted()
    return undefined
  }
}

function unseen(permission: string, bucket: Bucket): Verdict {
  return doubtful(
    `${permission} on ${bucket.name} is not granted`,
    `Grant ${permission} to look at this; jobs do without.`,
  )
}
