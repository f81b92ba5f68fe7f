import type { Verdict } from '../../administration.ts'
import { doubtful, well, wrong } from '../../verdict.ts'
import type { Clients } from '../clients.ts'
import { fromAws } from '../errors.ts'

/** Milliseconds; the SDK renews credentials that it got itself five minutes before they end. */
const soon = 5 * 60_000

/** Whether there are any, of which kind they are, and until when. Never the secret, and of the key only its end. */
export async function checkCredentials({ s3 }: Clients): Promise<Verdict> {
  const found = await s3.config.credentials().catch((error: unknown) => {
    throw fromAws(error, { operation: 'HeadBucket' })
  })
  const { accessKeyId, sessionToken, expiration } = found
  const kind = sessionToken === undefined ? 'a permanent key' : 'a temporary key'
  const until = expiration === undefined ? '' : `, until ${expiration.toISOString()}`
  const detail = `${kind} that ends in ${accessKeyId.slice(-4)}${sourceOf(found)}${until}`
  const left = expiration === undefined ? Infinity : expiration.getTime() - Date.now()
  if (left <= 0) return wrong(`${detail}: that is over`, 'Sign in again, or renew them.')
  return left < soon ? doubtful(detail, 'They end soon: sign in again, unless a role renews them.') : well(detail)
}

/** The SDK notes where it found them, as names of its features. */
function sourceOf(credentials: object): string {
  const source: unknown = '$source' in credentials ? credentials.$source : undefined
  if (typeof source !== 'object' || source === null) return ''
  const names = Object.keys(source).map((name) => name.replace('CREDENTIALS_', '').toLowerCase().replaceAll('_', ' '))
  return names.length === 0 ? '' : `, from ${names.join(', ')}`
}

/** S3's and SQS's, which have to be the same for notifications and policies to fit. */
export async function checkRegion(clients: Clients): Promise<Verdict> {
  try {
    const [objects, messages] = await Promise.all([clients.s3.config.region(), clients.sqs.config.region()])
    if (objects === messages) return well(objects)
    return doubtful(
      `S3 in ${objects}, SQS in ${messages}`,
      'Use one region for both: each message would cross regions, and S3 could not notify the queue.',
    )
  } catch (error) {
    throw fromAws(error, { operation: 'HeadBucket' })
  }
}
