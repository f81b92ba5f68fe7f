import { type Policy, policyFor as write, type Role, roles } from '../aws/administration/policy.ts'
import { RemoteJobError } from '../errors.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { checkOneOf } from '../options.ts'
import { checkBucketName, show } from '../protocol/names.ts'
import type { AdminOptions } from './administer.ts'

/** Where a policy's queue is. */
export interface PolicyOptions extends Omit<AdminOptions, 'signal'> {
  /** The AWS account of the SQS queues, 12 digits. @default any (`*`) */
  readonly account?: string | undefined
  /** Whether the queue is that of runs, which keep their states, definitions, config maps and secrets below it. @default false */
  readonly runs?: boolean | undefined
  /** Buckets that runs subscribe to, for the operator, who subscribes, the worker and the administrator. @default none */
  readonly watches?: readonly string[] | undefined
}

/**
 * The IAM policy of a role, with the least that it needs for this queue. No request is made. The region is the option's, else that of
 * AWS_REGION, else any.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function policyFor(role: Role, name: string, options: PolicyOptions = {}): Policy {
  checkOneOf('role', role, roles)
  const { account = '*', runs = false, watches = [], region = process.env['AWS_REGION'] || '*' } = options
  if (!/^(\d{12}|\*)$/.test(account)) {
    throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`account\` to be 12 digits, got ${show(account)}`)
  }
  if (!/^([a-z0-9-]{1,40}|\*)$/.test(region)) {
    throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`region\` to be a region of AWS, got ${show(region)}`)
  }
  for (const bucket of watches) checkBucketName(bucket)
  const { place, prefix, replies } = settingsFrom(name, options)
  return write(role, { name, place, prefix, region, account, replies, runs, watches })
}
