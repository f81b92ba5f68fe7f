import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import type { SQSClient } from '@aws-sdk/client-sqs'

/** Where S3 and SQS are and how to sign for them. Everything left out comes from the SDK's own chain: environment, profile, role. */
export interface AwsOptions {
  /** @default the SDK's: AWS_REGION, then the profile's */
  readonly region?: string | undefined
  /** Keys, or a function that gets them. @default the SDK's chain */
  readonly credentials?: S3ClientConfig['credentials'] | undefined
  /**
   * URL of a server that speaks S3's and SQS's protocols instead of AWS.
   * @default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SQS or AWS_ENDPOINT_URL, else AWS
   */
  readonly endpoint?: string | undefined
  /** A client for all requests to S3. It is used as it is and never destroyed. */
  readonly s3?: S3Client | undefined
  /** A client for all requests to SQS, with a socket free for every long poll. It is used as it is and never destroyed. */
  readonly sqs?: SQSClient | undefined
  /** The AWS account (12 digits) that must own the bucket; requests to another's are refused. @default whoever owns it */
  readonly bucketOwner?: string | undefined
}
