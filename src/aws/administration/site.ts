import type { Bucket } from '../bucket.ts'
import type { Clients } from '../clients.ts'
import type { QueueUrls } from '../queue-urls.ts'

/** The account and region, and the bucket in it. */
export interface Site {
  readonly bucket: Bucket
  readonly clients: Clients
  readonly urls: QueueUrls
}
