import type { QueueOptions } from '../lifecycle/settings.ts'
import type { SlimFaasConfiguration } from '../runs/vocabularies/slimfaas.ts'
import type { LimitOptions } from './limits/limit-options.ts'
import type { AccessOptions } from './access/access-options.ts'
import type { JobdOptions } from './jobd/jobd-options.ts'

/** Where the gateway's queues are, in the words of a `Queue`'s options, and what it does with requests. */
export interface GatewayOptions
  extends
    Omit<
      QueueOptions<unknown, unknown>,
      'bucket' | 'prefix' | 'metadata' | 'provision' | 'statuses' | 'records' | 'replies'
    >,
    AccessOptions {
  /**
   * Names of the queues that are offered, `*` for any characters. Others are as if they were not there. One that is named without a `*`
   * is made when it is first asked for; any other has to be there.
   * @default ['*']
   */
  readonly queues?: readonly string[] | undefined
  /**
   * The path that it is mounted at, such as `/jobs`: requests have it before the paths of the routes, and links and redirects name it.
   * @default none: it has a host, or a port, of its own
   */
  readonly basePath?: string | undefined
  /** The queue that runs go through, with its stored jobs, config maps, secrets and schedules. @default 'runs' */
  readonly runsQueue?: string | undefined
  /** The routes that stand in for jobd. */
  readonly jobd?: JobdOptions | undefined
  /**
   * Queues of IBM Code Engine's projects, by a project's id, for programs that have one built in:
   * `{ '4e49b3e0-27a8-48d2-a784-c7ee48bb863b': 'runs' }`. Every other project is the queue of that name.
   * @default none
   */
  readonly projects?: Readonly<Record<string, string>> | undefined
  /**
   * The jobs that SlimFaas's routes offer, and their schedules, as `slimFaasConfiguration` reads them. They are stored in the runs' queue
   * before the first of these routes answers, as `remotejob apply` stores them; what was stored from such a configuration before is
   * offered too.
   * @default what is stored
   */
  readonly slimFaas?: SlimFaasConfiguration | undefined
  /**
   * Whether it does for the queues that are there what workers do beside their work: it sends jobs at their time, makes those of
   * schedules, ends dead letters, and removes runs whose time to live is over, and what jobd's jobs handed back that can be
   * asked for no more. It costs two LIST a minute for each queue.
   * @default false
   */
  readonly scheduler?: boolean | undefined
  /** How much it takes at once. */
  readonly limits?: LimitOptions | undefined
  /**
   * What links of the gateway are signed with, where the store has none: 32 characters or more, the same at all gateways of these
   * queues.
   * @default one of the process's own, so that links end with it
   */
  readonly linkSecret?: string | undefined
  /**
   * Told of what went wrong inside, of which callers see no more than that it did.
   * @default `process.emitWarning`
   */
  readonly onError?: ((error: unknown) => void) | undefined
}
