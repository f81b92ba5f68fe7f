import { admit } from './admit.ts'
import { giveBack } from './give-back.ts'
import type { Held } from './held.ts'
import { type Arrived, Poll, type TakeOptions } from './poll.ts'
import type { Workspace } from './workspace.ts'

/** Where `next` and `jobs` of one queue get their jobs: a poll a status, shared by all who wait. */
export class Intake {
  readonly #polls = new Map<string, Poll>()

  /** The next job, or `undefined` when none came within `waitSeconds`. */
  async next(w: Workspace, status: string, { signal, waitSeconds }: TakeOptions): Promise<Held | undefined> {
    const until = waitSeconds === undefined ? undefined : Date.now() + waitSeconds * 1000
    for (;;) {
      const left = until === undefined ? undefined : Math.max(0, until - Date.now()) / 1000
      const [arrived] = await this.#pollOf(w, status).take(1, { signal, waitSeconds: left })
      const held = arrived && (await admitted(w, status, arrived))
      if (held) return held
      // Something that came and was no job says nothing of what is behind it.
      if (!arrived && until !== undefined && Date.now() >= until) return undefined
    }
  }

  /** Whoever waits is told that it is over; resolves when the polls have ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#polls.values()].map((poll) => poll.close()))
  }

  #pollOf(w: Workspace, status: string): Poll {
    const poll =
      this.#polls.get(status) ??
      new Poll(w.queue(status), w.leaseSeconds, (arrived) => giveBack(w, status, arrived.delivery))
    this.#polls.set(status, poll)
    return poll
  }
}

function admitted(w: Workspace, status: string, { delivery, ...arrival }: Arrived): Promise<Held | undefined> {
  return admit(w, delivery, { status, ...arrival })
}
