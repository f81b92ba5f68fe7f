import type { Check, Subject } from '../../administration.ts'
import type { Cancellable } from '../../backend.ts'
import { well } from '../../verdict.ts'
import type { Bucket } from '../bucket.ts'
import { bucketChecks } from './check-bucket.ts'
import { checkCredentials, checkRegion } from './check-access.ts'
import { permissionCheck } from './check-permission.ts'
import { queueChecks } from './check-queues.ts'
import { queueNames } from './queue-names.ts'
import type { Site } from './site.ts'

/** What can be looked at on AWS. */
export function checks(site: Omit<Site, 'bucket'>, bucket: Bucket | undefined, subject?: Subject): readonly Check[] {
  const { clients } = site
  const access: Check[] = [
    { check: 'credentials', isBasis: true, run: () => checkCredentials(clients) },
    { check: 'region', isBasis: true, run: () => checkRegion(clients) },
  ]
  if (!bucket || !subject) {
    const run = async (options: Cancellable) => well(`${(await queueNames(clients, site.urls, options)).length} queues`)
    return [...access, { check: 'SQS', run }]
  }
  const whole = { ...site, bucket }
  return [
    ...access,
    ...bucketChecks(bucket, subject),
    ...queueChecks(whole, subject),
    ...subject.grants.map((grant) => permissionCheck(grant, whole)),
  ]
}
