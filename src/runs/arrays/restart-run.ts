import type { Cancellable } from '../../backend.ts'
import { forEachOf } from '../../for-each-of.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { type InstanceId, restartKey } from './run-keys.ts'
import type { RunRecord } from './run-record.ts'
import { readSeenState } from './run-state.ts'

/** Asks for the instances that run to be stopped and begun anew. Resolves their indexes, as `2-4,6-8`. */
export async function restartRun(w: Workspace, run: RunRecord, options: Cancellable = {}): Promise<string> {
  const { indexes, running } = await readSeenState(w, run, options)
  await forEachOf(
    indexes.filter(({ status }) => status === 'running'),
    20,
    ({ index, retries }) => w.objects.put(restartKey(run, { index, attempt: retries + 1 }), Buffer.alloc(0), options),
  )
  return running
}

/** Looks for such a wish, as often as a worker gives a sign of life: a short instance costs no request for it. */
export class RestartWatch implements Disposable {
  readonly #w: Workspace
  readonly #key: string
  readonly #asked = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(w: Workspace, instance: InstanceId, attempt: number) {
    this.#w = w
    this.#key = restartKey(instance, { index: instance.index, attempt })
    this.#timer = setInterval(() => void this.#look(), (w.leaseSeconds * 1000) / 3).unref()
  }

  /** Aborts when the instance is to begin anew. */
  get signal(): AbortSignal {
    return this.#asked.signal
  }

  /** The wish is met: whoever runs the same try later is not to stop for it. */
  async meet(): Promise<void> {
    await this.#w.objects.delete(this.#key)
  }

  async #look(): Promise<void> {
    try {
      if (await this.#w.objects.head(this.#key)) this.#asked.abort(new Error('The instance is to begin anew'))
    } catch (error) {
      this.#w.report(error)
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
