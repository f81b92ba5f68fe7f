import type {
  Administration,
  Check,
  Estate,
  MessageCounts,
  ProvisionStep,
  QueueNamesOptions,
  Removal,
  Removed,
  Subject,
  TearDownOptions,
} from '../../administration.ts'
import type { Cancellable, Place } from '../../backend.ts'
import { allSettled } from '../all-settled.ts'
import { Bucket } from '../bucket.ts'
import { Clients } from '../clients.ts'
import type { AwsOptions } from '../options.ts'
import { QueueUrls } from '../queue-urls.ts'
import { checks } from './checks.ts'
import { counts } from './counts.ts'
import { bucketPlan, queuesPlan } from './provision-plan.ts'
import { queueNames } from './queue-names.ts'
import type { Site } from './site.ts'
import { tearDown, tearDownPlan } from './tear-down.ts'

/** Looks after the queues of one account and region. */
export class AwsAdministration implements Administration {
  readonly isApproximate = true
  readonly #clients: Clients
  readonly #urls: QueueUrls
  readonly #owner: string | undefined

  constructor(options: AwsOptions) {
    this.#owner = options.bucketOwner
    this.#clients = new Clients(options)
    this.#urls = new QueueUrls(this.#clients)
  }

  queueNames(options: QueueNamesOptions = {}): Promise<readonly string[]> {
    return queueNames(this.#clients, this.#urls, options)
  }

  counts(queue: string, options: Cancellable = {}): Promise<MessageCounts | undefined> {
    return counts(queue, this.#clients, this.#urls, options)
  }

  async provisionPlan(place: Place, options: Cancellable = {}): Promise<readonly ProvisionStep[]> {
    const plans = await allSettled([
      bucketPlan(this.#site(place).bucket, place, options),
      queuesPlan(place, this.#clients, this.#urls, options),
    ])
    return plans.flat()
  }

  tearDownPlan(estate: Estate, options: Cancellable = {}): Promise<readonly Removal[]> {
    return tearDownPlan(estate, this.#site(estate), options)
  }

  tearDown(estate: Estate, options: TearDownOptions = {}): Promise<readonly Removed[]> {
    return tearDown(estate, this.#site(estate), options)
  }

  checks(subject?: Subject): readonly Check[] {
    const site = { clients: this.#clients, urls: this.#urls }
    return checks(site, subject && this.#site(subject.place).bucket, subject)
  }

  async close(): Promise<void> {
    this.#clients.close()
  }

  #site({ bucket }: Pick<Place, 'bucket'>): Site {
    return { bucket: new Bucket(bucket, this.#clients, this.#owner), clients: this.#clients, urls: this.#urls }
  }
}
