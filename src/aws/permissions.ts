/** Every request this backend makes, and the permission that IAM asks for it. */
export const permissions = {
  HeadBucket: 's3:ListBucket',
  CreateBucket: 's3:CreateBucket',
  GetBucketLifecycleConfiguration: 's3:GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 's3:PutLifecycleConfiguration',
  GetBucketNotificationConfiguration: 's3:GetBucketNotification',
  PutBucketNotificationConfiguration: 's3:PutBucketNotification',
  PutObject: 's3:PutObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
  DeleteObjects: 's3:DeleteObject',
  DeleteObjectVersions: 's3:DeleteObjectVersion',
  DeleteBucket: 's3:DeleteBucket',
  GetObjectLockConfiguration: 's3:GetBucketObjectLockConfiguration',
  GetBucketVersioning: 's3:GetBucketVersioning',
  ListObjectVersions: 's3:ListBucketVersions',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListObjectsV2: 's3:ListBucket',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListQueues: 'sqs:ListQueues',
  GetQueueUrl: 'sqs:GetQueueUrl',
  CreateQueue: 'sqs:CreateQueue',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  SetQueueAttributes: 'sqs:SetQueueAttributes',
  DeleteQueue: 'sqs:DeleteQueue',
  SendMessage: 'sqs:SendMessage',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessage: 'sqs:DeleteMessage',
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
} as const

export type Operation = keyof typeof permissions

/** What was asked of AWS, for the text of an error. */
export interface Doing {
  readonly operation: Operation
  readonly bucket?: string | undefined
  readonly key?: string | undefined
  readonly queue?: string | undefined
}

/** What a request was about, e.g. `bucket "remotejobs-thumbs"`. */
export function targetOf({ bucket, key, queue }: Doing): string {
  if (queue !== undefined) return `queue "${queue}"`
  if (bucket === undefined) return 'this account'
  return key === undefined ? `bucket "${bucket}"` : `"${bucket}/${key}"`
}
