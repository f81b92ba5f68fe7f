import type { Role } from './policy.ts'

/** What some actions are granted on, as folders of the queue's place in the bucket. */
type FolderGrant = readonly [actions: string | readonly string[], folders: readonly string[]]

/**
 * What runs take beyond jobs. Secrets are read by workers, and kept by operators: whoever submits runs only looks at their names, which
 * `s3:ListBucket` lets everybody.
 */
export const runGrants: Partial<Record<Role, readonly FolderGrant[]>> = {
  requester: [
    ['s3:GetObject', ['definitions', 'runs']],
    [['s3:PutObject', 's3:DeleteObject'], ['runs']],
  ],
  worker: [
    ['s3:GetObject', ['configmaps', 'definitions', 'runs', 'secrets', 'slots', 'subscriptions']],
    ['s3:DeleteObject', ['logs']],
    [
      ['s3:PutObject', 's3:DeleteObject'],
      ['runs', 'slots'],
    ],
  ],
  operator: [
    ['s3:GetObject', ['runs']],
    [
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      ['configmaps', 'definitions', 'secrets', 'subscriptions'],
    ],
    ['s3:DeleteObject', ['runs']],
  ],
}
