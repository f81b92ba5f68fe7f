import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { RemoteJobError } from '../errors.ts'

/** Bucket of a queue that names none. */
export function bucketName(name: string): string {
  return `remotejobs-${name}`
}

/** The SQS queue of one status. */
export function statusQueueName(name: string, status: string): string {
  return `${name}-${status}`
}

/** Where poison and messages received too often end. */
export function deadLetterQueueName(name: string): string {
  return `${name}-dead`
}

/** The private queue of one requester, on which it is told how its jobs ended. */
export function replyQueueName(name: string, uuid: string): string {
  return `${name}-reply-${uuid}`
}

/** Whether a name off the wire is a reply queue of the queue `name`: nothing else is ever sent to because a message says so. */
export function isReplyQueueName(name: string, value: unknown): value is string {
  const before = replyQueueName(name, '')
  return typeof value === 'string' && value.startsWith(before) && uuidPattern.test(value.slice(before.length))
}

/** @throws RemoteJobError `INVALID_ARGUMENT` when reply queues of that name would be longer than SQS allows. */
export function checkRepliesFit(name: string): void {
  const most = 80 - replyQueueName('', randomUUID()).length
  if (name.length <= most) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected the queue's name to be at most ${most} characters with \`replies\`, since reply queues are called "<name>-reply-<uuid>", got ${name.length}`,
  )
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** S3's rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketPattern = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
/** SQS's rules: letters, digits, `-` and `_`, 80 characters. */
const queuePattern = /^[A-Za-z0-9_-]{1,80}$/
/** The same, with a place for `-dead`. */
const namePattern = /^[A-Za-z0-9_-]{1,75}$/
/** Suffixes that the library gives to queues of its own. */
const reservedStatuses = new Set(['dead', 'reply'])

/** @throws RemoteJobError `INVALID_ARGUMENT` when no queues, or without `bucket` no bucket, can have that name. */
export function checkQueueName(name: unknown, bucket: string | undefined): asserts name is string {
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `Expected the queue's name to be 1 to 75 letters, digits, "-" or "_", got ${show(name)}`,
    )
  }
  if (bucket === undefined && !bucketPattern.test(bucketName(name))) {
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      `The queue's name ${show(name)} cannot be part of a bucket's name ("${bucketName(name)}"): use at most 52 lower-case letters, digits and "-", or name a bucket with the option \`bucket\``,
    )
  }
}

/** @throws RemoteJobError `INVALID_ARGUMENT` when S3 would not accept the name. */
export function checkBucketName(bucket: unknown): asserts bucket is string {
  if (typeof bucket === 'string' && bucketPattern.test(bucket)) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`bucket\` to be 3 to 63 lower-case letters, digits, "." or "-", got ${show(bucket)}`,
  )
}

/** @throws RemoteJobError `INVALID_ARGUMENT` when a status is twice there, reserved, or gives no queue's name. */
export function checkStatuses(name: string, statuses: readonly string[]): void {
  for (const [index, status] of statuses.entries()) {
    if (typeof status !== 'string' || !queuePattern.test(statusQueueName(name, status)) || status === '') {
      throw new RemoteJobError(
        'INVALID_ARGUMENT',
        `Expected \`statuses[${index}]\` to be letters, digits, "-" or "_", with "${name}-" before it 80 at most, got ${show(status)}`,
      )
    }
    if (reservedStatuses.has(status) || status.startsWith('reply-')) {
      throw new RemoteJobError(
        'INVALID_ARGUMENT',
        `The status "${status}" is kept for the library's own queues; choose another`,
      )
    }
    if (statuses.indexOf(status) !== index) {
      throw new RemoteJobError('INVALID_ARGUMENT', `The status "${status}" stands twice in \`statuses\``)
    }
  }
}

/** A value as an error message shows it: short, on one line. */
export function show(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : inspect(value, { depth: 0, maxArrayLength: 5, breakLength: Infinity })
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 77)}…` : line
}
