import type { Cancellable } from '../../backend.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { ObjectEvents } from '../../object-events.ts'
import { statusQueueName } from '../../protocol/names.ts'
import type { Subscription } from './subscription.ts'

/** Looks at a bucket that others change at the same time. */
const mostLooks = 5

/** What buckets tell the runs' queue: what the subscriptions of each want together. */
export class Routes {
  readonly #open: () => Promise<Workspace>
  readonly #read: (options: Cancellable) => Promise<readonly Subscription[]>

  constructor(open: () => Promise<Workspace>, read: (options: Cancellable) => Promise<readonly Subscription[]>) {
    this.#open = open
    this.#read = read
  }

  /** Makes a bucket tell what a subscription wants, beside what the others do. */
  async set(subscription: Subscription, options: Cancellable): Promise<void> {
    const others = await this.#others(subscription, options)
    await this.#route(subscription.bucket, [...others, subscription], options)
  }

  /** Makes a bucket tell what the others want, and no more. */
  async unset(subscription: Subscription, options: Cancellable): Promise<void> {
    await this.#route(subscription.bucket, await this.#others(subscription, options), options)
  }

  /** Whether a bucket tells what all its subscriptions want. */
  async isSet(bucket: string, options: Cancellable): Promise<boolean> {
    const { events, queue } = await this.#events()
    return events.isRouted(bucket, queue, await this.#of(bucket, options), options)
  }

  /**
   * Whoever changes subscriptions of a bucket at the same time sets it to what they knew: the last one to do so looks again, and so sees
   * what all have written.
   */
  async settle(bucket: string): Promise<void> {
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const wanted = await this.#of(bucket, {})
      const { events, queue } = await this.#events()
      if (await events.isRouted(bucket, queue, wanted)) return
      await events.route(bucket, queue, wanted)
    }
  }

  async #route(bucket: string, filters: readonly Subscription[], options: Cancellable): Promise<void> {
    const { events, queue } = await this.#events()
    await events.route(bucket, queue, filters, options)
  }

  async #others({ bucket, name }: Subscription, options: Cancellable): Promise<readonly Subscription[]> {
    return (await this.#of(bucket, options)).filter((one) => one.name !== name)
  }

  async #of(bucket: string, options: Cancellable): Promise<readonly Subscription[]> {
    return (await this.#read(options)).filter((one) => one.bucket === bucket)
  }

  async #events(): Promise<{ readonly events: ObjectEvents; readonly queue: string }> {
    const w = await this.#open()
    return { events: await w.events(), queue: statusQueueName(w.name, 'pending') }
  }
}
