import { errorReply, type Forward, type Reply, xmlReply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'

/** What buckets tell, and to whom: it is kept as it was sent, and nothing is told. What S3 refuses is refused. */
export class Notifications {
  readonly #forward: Forward
  readonly #kept = new Map<string, string>()

  constructor(forward: Forward) {
    this.#forward = forward
  }

  async perform(request: ProxiedRequest): Promise<Reply> {
    const { bucket = '', headers, body, operation } = request
    const found = await this.#forward({ method: 'HEAD', path: `/${bucket}`, headers, payload: Buffer.alloc(0) })
    if (found.status !== 200) return errorReply(request, { status: 404, code: 'NoSuchBucket' })
    if (operation === 'GetBucketNotificationConfiguration')
      return xmlReply(this.#kept.get(bucket) ?? '<NotificationConfiguration></NotificationConfiguration>')
    const message =
      'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
    if (isAmbiguous(rulesIn(body))) return errorReply(request, { status: 400, code: 'InvalidArgument', message })
    this.#kept.set(bucket, body.replace(/^<\?xml[^>]*\?>/, ''))
    return xmlReply('')
  }
}

interface Rule {
  readonly events: readonly string[]
  readonly prefix: string
  readonly suffix: string
}

/** Rules of any kind of target. */
function rulesIn(xml: string): readonly Rule[] {
  const blocks = xml.matchAll(/<(Queue|Topic|CloudFunction)Configuration>(.*?)<\/\1Configuration>/gs)
  return [...blocks].map(([, , block = '']) => ({
    events: [...block.matchAll(/<Event>([^<]*)</g)].map(([, event = '']) => event),
    prefix: ruleIn(block, 'prefix'),
    suffix: ruleIn(block, 'suffix'),
  }))
}

function ruleIn(block: string, name: string): string {
  return new RegExp(`<Name>${name}</Name><Value>([^<]*)<`, 'i').exec(block)?.[1] ?? ''
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html */
function isAmbiguous(rules: readonly Rule[]): boolean {
  return rules.some((a, index) =>
    rules
      .slice(index + 1)
      .some(
        (b) =>
          a.events.some((event) => b.events.includes(event)) &&
          (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
          (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix)),
      ),
  )
}
