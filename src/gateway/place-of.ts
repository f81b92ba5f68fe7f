import type { GatewayOptions } from './gateway-options.ts'

/** Where the queues are, in the words of `remotejob/admin`. */
export function placeOf({ backend, region, credentials, endpoint, s3, sqs, bucketOwner }: GatewayOptions) {
  return { backend, region, credentials, endpoint, s3, sqs, bucketOwner }
}
