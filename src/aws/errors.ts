import { RemoteJobError, isRemoteJobError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import { failureOf } from './failure.ts'
import type { Failure } from './failure.ts'
import { permissions, targetOf } from './permissions.ts'
import type { Doing } from './permissions.ts'

/** The one place where an error of the SDK becomes ours. What is ours already passes. */
export function fromAws(error: unknown, doing: Doing): RemoteJobError {
  if (isRemoteJobError(error)) return error
  const [code, message] = explain(failureOf(error), doing)
  return new RemoteJobError(code, message, { cause: error })
}

function explain(failure: Failure, doing: Doing): readonly [ErrorCode, string] {
  const { reason } = failure
  const target = targetOf(doing)
  switch (reason) {
    case 'no-credentials':
      return [
        'NO_CREDENTIALS',
        `No AWS credentials were found (${firstLine(failure.message)}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, run where a role is attached, or give \`credentials\``,
      ]
    case 'bad-credentials':
      return [
        'NO_CREDENTIALS',
        `AWS does not accept these credentials (${failure.name}): check the access key and its secret, and the session token of temporary ones`,
      ]
    case 'expired-credentials':
      return ['NO_CREDENTIALS', `The AWS credentials have expired (${failure.name}): sign in again or renew them`]
    case 'clock':
      return [
        'ACCESS_DENIED',
        `AWS refused ${doing.operation} on ${target}: this machine's clock is off by minutes; set it, and let NTP keep it right`,
      ]
    case 'denied':
      return ['ACCESS_DENIED', denied(failure, doing)]
    case 'taken':
      return [
        'BUCKET_TAKEN',
        `The ${target} belongs to another AWS account: everybody's buckets share one space of names, so choose another with \`bucket\``,
      ]
    case 'wrong-region':
      return ['WRONG_REGION', wrongRegion(failure, targetOf({ ...doing, key: undefined }))]
    case 'no-region':
      return [
        'INVALID_ARGUMENT',
        'No AWS region is configured. Set AWS_REGION, a region in the AWS profile, or give `region`; to work on this machine alone, set REMOTEJOB_LOCAL to a folder',
      ]
    case 'bad-region':
      return [
        'INVALID_ARGUMENT',
        `The AWS region is none: ${firstLine(failure.message).replace(/\.$/, '')}. Check AWS_REGION, the profile and \`region\``,
      ]
    case 'bad-endpoint':
      return ['INVALID_ARGUMENT', 'Expected `endpoint` to be a URL such as `http://localhost:9000`']
    case 'no-bucket':
      return [
        'NOT_FOUND',
        `The bucket "${doing.bucket}" does not exist, or not any more: check \`bucket\` and \`region\`, or let ready() of a new Queue make it`,
      ]
    case 'no-rules':
      return ['NOT_FOUND', `The bucket "${doing.bucket}" has no lifecycle rules`]
    case 'missing':
      return ['NOT_FOUND', `${capitalized(target)} does not exist`]
    case 'no-queue':
      return [
        'NOT_FOUND',
        `The queue "${doing.queue}" does not exist in this region and account, or not any more: check its name and \`region\`, or let ready() of a new Queue make it`,
      ]
    case 'queue-deleted':
      return ['UNAVAILABLE', `The ${target} was deleted a moment ago; SQS lets it be made again after 60 seconds`]
    case 'precondition':
      return ['INPUT_CHANGED', `${capitalized(target)} is not the version that was asked for: it was replaced`]
    case 'lease-lost':
      return ['LEASE_LOST', `The lease on this message of ${target} is over: it was deleted, or another has it`]
    case 'throttled':
      return ['UNAVAILABLE', `AWS is throttling ${doing.operation} on ${target} (${failure.name}); try again later`]
    case 'unreachable':
      return [
        'UNAVAILABLE',
        `No answer to ${doing.operation} on ${target} (${said(failure)}): check the network and \`endpoint\``,
      ]
    case 'foreign':
      return ['UNAVAILABLE', foreign(failure, doing)]
    case 'unavailable':
      return [
        'UNAVAILABLE',
        `${doing.operation} on ${target} failed on the server's side (${said(failure)}); try again later`,
      ]
    case 'conflict':
      return ['UNAVAILABLE', `${doing.operation} on ${target} ran into another request (${said(failure)}); try again`]
    case 'not-empty':
      return [
        'UNAVAILABLE',
        `The ${target} is not empty: something was put there meanwhile, or objects in it could not be deleted; stop what uses it and try again`,
      ]
    case 'unsupported':
      return [
        'UNSUPPORTED',
        `The server does not support ${doing.operation} as it was asked for on ${target} (${said(failure)})`,
      ]
    case 'owned':
    case 'queue-exists':
    case 'range':
    case 'no-upload':
    case 'invalid':
      return ['INVALID_ARGUMENT', `${doing.operation} on ${target} was refused (${said(failure)})`]
    case 'unknown':
      return ['UNAVAILABLE', `${doing.operation} on ${target} failed (${said(failure)})`]
    default:
      return reason satisfies never
  }
}

/** The permission to grant, and AWS's own words where they say more than "Access Denied". */
function denied(failure: Failure, doing: Doing): string {
  const target = targetOf(doing)
  const needed = failure.name.startsWith('K')
    ? `kms:GenerateDataKey and kms:Decrypt on the key of ${target}`
    : `${permissions[doing.operation]} on ${target}`
  const absent =
    doing.operation === 'GetObject' || doing.operation === 'HeadObject'
      ? `; if there is no such object, s3:ListBucket on bucket "${doing.bucket}" is what is missing`
      : ''
  const words = /is not authorized to perform/.test(failure.message) ? `. AWS says: ${firstLine(failure.message)}` : ''
  return `Access denied: these credentials lack ${needed}${absent}${words}`
}

/** A web page, say, or another server than was meant. */
function foreign(failure: Failure, doing: Doing): string {
  const service = permissions[doing.operation].startsWith('sqs') ? 'SQS' : 'S3'
  const why = failure.name === 'EPROTO' ? 'it speaks no TLS, so its URL may begin with http:' : said(failure)
  return `What answered ${doing.operation} on ${targetOf(doing)} is no ${service} (${why}): check \`endpoint\``
}

function wrongRegion({ region, name, status }: Failure, target: string): string {
  const where = region === undefined ? 'in another region than the one configured' : `in region "${region}"`
  return `The ${target} is ${where} (${name === 'Unknown' ? status : name}): set \`region\` or AWS_REGION${region === undefined ? '' : ` to "${region}"`}`
}

function said({ name, message, status }: Failure): string {
  const words = firstLine(message)
  const told = words === '' || words === 'UnknownError' || words === name ? '' : `: ${words}`
  return name === 'Unknown' || name === 'Error' ? `${status ?? name}${told}` : `${name}${told}`
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
