import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import { RemoteJobError, isRemoteJobError } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { jsonFrom } from '../../protocol/json.ts'
import { refusal } from '../definition/refuse.ts'
import type { Jobs } from '../stored/jobs.ts'
import { type Versioned, VersionedContents } from '../stored/versioned-contents.ts'
import { absent } from './make-event-run.ts'
import { Routes } from './routes.ts'
import {
  checkSubscriptionName,
  parseSubscription,
  type Subscription,
  subscriptionFrom,
  type SubscriptionRequest,
} from './subscription.ts'

/** A subscription, and whether its events make runs. */
export interface SubscriptionState extends Subscription {
  readonly ready: boolean
  /** Why it is not ready. */
  readonly reason: string | undefined
  readonly updatedAt: Date
}

export interface SubscribeOptions extends Cancellable {
  /** Takes a destination that is not there yet: events wait until it is. @default false */
  readonly force?: boolean | undefined
}

/** What an update says; what it does not say stays. Another bucket is another subscription. */
export type SubscriptionChanges = {
  readonly [Member in Exclude<keyof Subscription, 'name' | 'bucket'>]?: Subscription[Member] | undefined
}

/** Runs for objects that are written to and deleted from buckets: `runs.subscriptions`. */
export class Subscriptions {
  readonly #jobs: Pick<Jobs, 'get'>
  readonly #stored: VersionedContents<Subscription>
  readonly #routes: Routes

  constructor(open: () => Promise<Workspace>, jobs: Pick<Jobs, 'get'>) {
    this.#jobs = jobs
    this.#stored = new VersionedContents(open, {
      folder: 'subscriptions/',
      noun: 'subscription',
      checkName: checkSubscriptionName,
      toJson: (subscription) => jsonFrom(subscription, 'subscription'),
      fromJson: parseSubscription,
    })
    this.#routes = new Routes(open, (options) => this.read(options))
  }

  /**
   * Watches a bucket: every object that is written or deleted from now on makes a run. S3 may take some minutes until it tells of all.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `ID_IN_USE` for a name that is taken, `NOT_FOUND` for a bucket or a job that there is not,
   * `ACCESS_DENIED`, `UNSUPPORTED`
   */
  async create(request: SubscriptionRequest, { force, signal }: SubscribeOptions = {}): Promise<Subscription> {
    const subscription = subscriptionFrom(request)
    await this.#checkDestination(subscription, { force, signal })
    if (await this.#stored.has(subscription.name, { signal })) throw taken(subscription)
    // First, since this is what may be refused: an event that comes before the subscription is there is of nobody.
    await this.#routes.set(subscription, { signal })
    await this.#write(subscription.bucket, () => this.#stored.create(subscription.name, subscription, { signal }))
    return subscription
  }

  /** The subscription of that name, or `undefined`. */
  async get(name: string, options: Cancellable = {}): Promise<SubscriptionState | undefined> {
    const found = await this.#stored.get(name, options)
    return found && this.#state(found, options)
  }

  /** All subscriptions, by name. */
  async list(options: Cancellable = {}): Promise<readonly SubscriptionState[]> {
    return forEachOf(await this.#stored.read(options), 10, (found) => this.#state(found, options))
  }

  /**
   * Changes all but the bucket, by members that replace its own, or by a function that makes them of what there is, and may be called
   * again when somebody else changes it at the same time. Events that wait are treated as the subscription is then.
   * @throws RemoteJobError `INVALID_ARGUMENT`, `NOT_FOUND`, and what `create` throws
   */
  async update(
    name: string,
    changes: SubscriptionChanges | ((before: Subscription) => SubscriptionChanges),
    { force, signal }: SubscribeOptions = {},
  ): Promise<Subscription> {
    const change = (before: Subscription): Subscription => changed(before, changes)
    const before = await this.#stored.get(name, { signal })
    if (!before) throw this.#stored.missing(name)
    const after = change(before.content)
    await this.#checkDestination(after, { force, signal })
    await this.#routes.set(after, { signal })
    return (await this.#write(after.bucket, () => this.#stored.change(name, change, { signal }))).content
  }

  /** False when there was none of that name. Events that wait make no run any more; runs that were made go on. */
  async delete(name: string, { signal }: Cancellable = {}): Promise<boolean> {
    const found = await this.#stored.get(name, { signal })
    if (!found) return false
    await this.#routes.unset(found.content, { signal })
    const existed = await this.#stored.delete(name, { signal })
    await this.#routes.settle(found.content.bucket)
    return existed
  }

  /** The subscription as it is kept; nothing else is looked at. */
  async find(name: string, options: Cancellable): Promise<Subscription | undefined> {
    return (await this.#stored.get(name, options))?.content
  }

  /** All of them, as they are kept. */
  async read(options: Cancellable = {}): Promise<readonly Subscription[]> {
    return (await this.#stored.read(options)).map(({ content }) => content)
  }

  /** Writes a subscription down; what the bucket tells is as all that are written down want it, also when this one could not be. */
  async #write<Written>(bucket: string, write: () => Promise<Written>): Promise<Written> {
    try {
      const written = await write()
      await this.#routes.settle(bucket)
      return written
    } catch (error) {
      // Its own reason is the one to tell.
      await this.#routes.settle(bucket).catch(() => {})
      throw error
    }
  }

  async #checkDestination(subscription: Subscription, { force, signal }: SubscribeOptions): Promise<void> {
    const { destination } = subscription
    if (force || (await this.#jobs.get(destination, { signal }))) return
    throw new RemoteJobError(
      'NOT_FOUND',
      `There is no job "${destination}" (\`destination\`): create it first, or say \`force\` to do that later`,
    )
  }

  async #state({ content, updatedAt }: Versioned<Subscription>, options: Cancellable): Promise<SubscriptionState> {
    const reason = await this.#reason(content, options)
    return { ...content, ready: reason === undefined, reason, updatedAt }
  }

  async #reason(subscription: Subscription, options: Cancellable): Promise<string | undefined> {
    if (!(await this.#jobs.get(subscription.destination, options))) return absent(subscription)
    try {
      if (await this.#routes.isSet(subscription.bucket, options)) return undefined
      return `The bucket "${subscription.bucket}" does not tell of its objects, or not of all: update the subscription to set it up again`
    } catch (error) {
      options.signal?.throwIfAborted()
      if (isRemoteJobError(error)) return error.message
      throw error
    }
  }
}

function taken({ name }: Subscription): RemoteJobError {
  return new RemoteJobError('ID_IN_USE', `There is a subscription "${name}" already: update or delete it`)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` */
function changed(before: Subscription, changes: Parameters<Subscriptions['update']>[1]): Subscription {
  const said = typeof changes === 'function' ? changes(before) : changes
  if ('bucket' in said) throw refusal('bucket', 'left out: another bucket takes another subscription', said.bucket)
  const { name, bucket } = before
  const { destination = before.destination, eventType = before.eventType, extensions = before.extensions } = said
  const { prefix = before.prefix, suffix = before.suffix } = said
  return subscriptionFrom({ name, bucket, destination, eventType, prefix, suffix, extensions })
}
