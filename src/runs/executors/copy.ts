import { once } from 'node:events'
import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** All that is printed until the end, or until nobody listens; then the target is ended. A target that fails closes the program's pipe. */
export async function copy(from: Readable, to: Writable): Promise<void> {
  try {
    for await (const chunk of from) {
      if (to.destroyed) break
      if (!to.write(chunk)) await once(to, 'drain')
    }
  } catch {
    // Closed before its end by a process that outlived the program, or failed: the target knows which.
  }
  from.destroy()
  to.end()
  await finished(to).catch(() => {})
}

/** What was never started has printed nothing, and whoever reads that waits for its end. */
export async function endUnused(...targets: readonly Writable[]): Promise<void> {
  await Promise.all(targets.map((to) => copy(Readable.from([]), to)))
}
