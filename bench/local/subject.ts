/** Where a subject finds what it stands on. */
export interface Site {
  readonly directory: string
  readonly redisPort: number
  readonly postgres: string
  /** A queue of its own, for this run. */
  readonly queue: string
}

/** A way to have jobs on one machine. */
export interface Subject {
  /** Resolves when that many jobs of 1 KiB are kept, with 50 calls under way. */
  send(count: number): Promise<void>
  /** The same in calls that take {@link bulk} jobs each, one after the other. */
  sendMany(count: number): Promise<void>
  /** Begins to work, 50 jobs at a time, and calls `done` for each. */
  work(done: () => void): Promise<void>
  close(): Promise<void>
}

/** What a module of `subjects/` exports. */
export interface SubjectModule {
  open(site: Site, variant: string): Promise<Subject>
}

export const payload = { text: 'x'.repeat(1000) }

/** Jobs, or calls, at a time. */
export const inFlight = 50

/** Jobs in one call, where many are added at once. */
export const bulk = 100

/** Makes calls for so many jobs, one after the other. */
export async function inBulk(count: number, send: (size: number) => Promise<unknown>): Promise<void> {
  for (let left = count; left > 0; left -= bulk) await send(Math.min(bulk, left))
}

/** Makes calls, {@link inFlight} at a time. */
export async function repeat(count: number, step: () => Promise<unknown>): Promise<void> {
  let left = count
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await step()
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
}
