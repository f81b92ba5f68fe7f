import type { Place } from '../../backend.ts'
import { ownPrefixes } from '../../protocol/keys.ts'
import { bucketName } from '../../protocol/names.ts'
import { runGrants } from './runs-policy.ts'

/** Who asks AWS for something, and so what it has to be granted. */
export const roles = ['provisioner', 'requester', 'worker', 'operator', 'administrator'] as const
export type Role = (typeof roles)[number]

/** An IAM policy, as AWS takes it. */
export interface Policy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

export interface Statement {
  readonly Effect: 'Allow'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
}

/** Where a policy's resources are. */
export interface PolicyPlace {
  readonly name: string
  readonly place: Place
  /** Empty, or ending in `/`. */
  readonly prefix: string
  readonly region: string
  /** 12 digits, or `*`. */
  readonly account: string
  /** Whether requesters have reply queues. */
  readonly replies: boolean
  /** Whether runs go through the queue. */
  readonly runs: boolean
  /** Buckets that runs subscribe to. */
  readonly watches: readonly string[]
}

type Write = (where: Resources) => readonly Statement[]

/** What each role asks for, and nothing else; test/policies.test.ts holds it against the requests that are made. */
const statements: Readonly<Record<Role, Write>> = {
  provisioner: ({ bucket, probe, queues }) => [
    allow(['s3:CreateBucket', 's3:GetLifecycleConfiguration', 's3:ListBucket', 's3:PutLifecycleConfiguration'], bucket),
    allow('s3:PutObject', probe),
    allow(['sqs:CreateQueue', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:SetQueueAttributes'], queues),
  ],
  requester: ({ bucket, below, queues, pending }) => [
    allow('s3:ListBucket', bucket),
    allow('s3:GetObject', below('assets', 'inputs', 'live', 'logs', 'metadata', 'results', 'stored')),
    allow(['s3:PutObject', 's3:DeleteObject'], below('inputs', 'metadata', 'stored')),
    allow('s3:AbortMultipartUpload', below('inputs', 'stored')),
    allow('s3:PutObject', below('results', 'timers')),
    allow('sqs:GetQueueUrl', queues),
    allow('sqs:SendMessage', pending),
  ],
  worker: ({ bucket, below, queues, pending, ended, dead }) => [
    allow('s3:ListBucket', bucket),
    allow('s3:GetObject', below('claims', 'cron', 'inputs', 'live', 'metadata', 'results', 'stored')),
    allow(
      's3:PutObject',
      below('assets', 'claims', 'cron', 'history', 'inputs', 'live', 'logs', 'metadata', 'results'),
    ),
    allow('s3:DeleteObject', below('assets', 'cron', 'live', 'metadata', 'timers')),
    allow('s3:AbortMultipartUpload', below('assets')),
    allow('sqs:GetQueueUrl', queues),
    allow(take, [...dead, ...pending]),
    allow('sqs:SendMessage', [...ended, ...dead, ...pending].toSorted()),
  ],
  operator: ({ bucket, below, queues, pending, failed, dead }) => [
    allow('s3:ListBucket', bucket),
    allow('s3:GetObject', below('claims', 'cron', 'history', 'inputs', 'live', 'metadata', 'results')),
    allow('s3:PutObject', below('cron', 'history', 'inputs', 'metadata', 'results')),
    allow('s3:DeleteObject', below('cron')),
    allow('sqs:GetQueueUrl', queues),
    allow(take, dead),
    allow('sqs:SendMessage', [...failed, ...pending]),
  ],
  administrator: ({ bucket, doomed, isShared, queues }) => [
    allow(
      [
        's3:ListBucket',
        's3:GetBucketVersioning',
        's3:ListBucketVersions',
        's3:ListBucketMultipartUploads',
        ...(isShared ? [] : ['s3:DeleteBucket']),
      ],
      bucket,
    ),
    allow(['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:AbortMultipartUpload'], doomed),
    // Which queues there are is asked of the account and of no queue.
    allow('sqs:ListQueues', '*'),
    allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:DeleteQueue'], queues),
  ],
}

const take = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'] as const

/**
 * The same for reply queues, which requesters make for themselves. Making one with a tag takes a permission of its own:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
 */
const replyStatements: Readonly<Record<Role, Write>> = {
  provisioner: () => [],
  requester: ({ below, replies }) => [
    allow(['s3:PutObject', 's3:DeleteObject'], below('replies')),
    allow(['sqs:CreateQueue', 'sqs:TagQueue', 'sqs:DeleteQueue', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'], replies),
  ],
  worker: ({ replies }) => [allow('sqs:SendMessage', replies)],
  operator: ({ below, replies }) => [
    allow('s3:DeleteObject', below('replies')),
    allow(['sqs:DeleteQueue', 'sqs:SendMessage'], replies),
  ],
  // Their names begin with the queue's.
  administrator: () => [],
}

/** The same for buckets that runs subscribe to: operators set what these tell, and workers look of what type their objects are. */
const watchStatements: Partial<Record<Role, Write>> = {
  worker: ({ watched }) => [
    allow('s3:ListBucket', watched),
    allow(
      's3:GetObject',
      watched.map((bucket) => `${bucket}/*`),
    ),
  ],
  operator: ({ watched, pending }) => [
    allow(['s3:GetBucketNotification', 's3:PutBucketNotification'], watched),
    allow(['sqs:GetQueueAttributes', 'sqs:SetQueueAttributes'], pending),
  ],
  administrator: ({ watched }) => [allow(['s3:GetBucketNotification', 's3:PutBucketNotification'], watched)],
}

/** The least that a role has to be granted. */
export function policyFor(role: Role, place: PolicyPlace): Policy {
  const resources = resourcesOf(place)
  const ofRuns = place.runs ? (runGrants[role] ?? []) : []
  const granted = [
    ...statements[role](resources),
    ...(place.replies ? replyStatements[role](resources) : []),
    ...ofRuns.map(([actions, folders]) => allow(actions, resources.below(...folders))),
    ...(place.watches.length > 0 ? (watchStatements[role]?.(resources) ?? []) : []),
  ]
  return { Version: '2012-10-17', Statement: granted.filter(({ Resource }) => Resource.length > 0) }
}

/** The names of what is there, as IAM writes them. */
interface Resources {
  readonly bucket: string
  /** The object that is written to try the store out, which is never below the prefix. */
  readonly probe: string
  /** All of the queue's message queues. */
  readonly queues: string
  readonly pending: readonly string[]
  /** Where the ends of jobs are announced. */
  readonly ended: readonly string[]
  readonly failed: readonly string[]
  readonly dead: readonly string[]
  /** The reply queues of all requesters. */
  readonly replies: string
  readonly watched: readonly string[]
  /** All objects that go with the queue. */
  readonly doomed: string | readonly string[]
  /** Whether the bucket stays when the queue goes. */
  readonly isShared: boolean
  readonly below: (...folders: readonly string[]) => readonly string[]
}

function resourcesOf({ name, place, prefix, region, account, watches }: PolicyPlace): Resources {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  const bucket = `arn:${partition}:s3:::${place.bucket}`
  const queue = (full: string): string => `arn:${partition}:sqs:${region}:${account}:${full}`
  const of = (status: string): readonly string[] => {
    const full = place.queues.get(status)
    return full === undefined ? [] : [queue(full)]
  }
  const below = (...folders: readonly string[]): readonly string[] =>
    folders.map((folder) => `${bucket}/${prefix}${folder}/*`)
  const isOwn = place.bucket === bucketName(name)
  return {
    bucket,
    doomed: isOwn || prefix !== '' ? `${bucket}/${prefix}*` : below(...ownPrefixes.map((one) => one.slice(0, -1))),
    isShared: prefix !== '',
    probe: `${bucket}/probe/*`,
    queues: queue(`${name}-*`),
    pending: of('pending'),
    ended: [...of('completed'), ...of('failed')],
    failed: of('failed'),
    dead: [queue(place.deadLetterQueue)],
    replies: queue(`${name}-reply-*`),
    watched: watches.map((watched) => `arn:${partition}:s3:::${watched}`),
    below,
  }
}

/** IAM takes a single one without brackets, which is how people write it. */
function allow(actions: string | readonly string[], resources: string | readonly string[]): Statement {
  const [first, ...more] = [resources].flat()
  return { Effect: 'Allow', Action: actions, Resource: first !== undefined && more.length === 0 ? first : resources }
}
