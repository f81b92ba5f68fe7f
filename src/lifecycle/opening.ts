import type { Cancellable, OpenBackend } from '../backend.ts'
import { RemoteJobError } from '../errors.ts'
import { backendFor, workspaceOf } from './open.ts'
import { orAbort } from './or-abort.ts'
import type { QueueOptions, Settings } from './settings.ts'
import type { Workspace } from './workspace.ts'

/** A queue's start: made at first use, shared by all who ask, forgotten when it failed so that the next call begins anew. */
export class Opening<Metadata, Input> {
  readonly #settings: Settings
  readonly #options: QueueOptions<Metadata, Input>
  #backend: OpenBackend | undefined
  #workspace: Promise<Workspace> | undefined
  readonly #closing = new AbortController()

  constructor(settings: Settings, options: QueueOptions<Metadata, Input>) {
    this.#settings = settings
    this.#options = options
  }

  /** @throws RemoteJobError `CLOSED`, or why the queue cannot be used */
  async open({ signal }: Cancellable = {}): Promise<Workspace> {
    const { name } = this.#settings
    if (this.#closing.signal.aborted) throw new RemoteJobError('CLOSED', `Queue "${name}" was closed; make a new Queue`)
    this.#workspace ??= this.#start().catch((error: unknown) => {
      this.#workspace = undefined
      throw error
    })
    return orAbort(this.#workspace, signal)
  }

  /** Opens for nobody any more, and ends what is renewed by itself; resolves when a start that is under way has ended. */
  async end(): Promise<void> {
    this.#closing.abort()
    await this.#workspace?.catch(() => {})
  }

  /** Lets go of the backend. */
  async close(): Promise<void> {
    const workspace = await this.#workspace?.catch(() => undefined)
    await workspace?.mailbox?.close()
    await this.#backend?.close()
  }

  async #start(): Promise<Workspace> {
    this.#backend ??= (await backendFor(this.#options)).open(this.#settings.place)
    await this.#backend.ready()
    return workspaceOf(this.#settings, this.#backend, this.#options.metadata, this.#closing.signal)
  }
}
