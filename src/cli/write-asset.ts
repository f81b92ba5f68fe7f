import { pipeline } from 'node:stream/promises'
import type { Queue } from '../index.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { outcomeOf } from './outcome.ts'
import { Problem } from './problem.ts'
import type { Session } from './session.ts'

/** Which asset of which job. */
export interface Wanted {
  readonly id: string | undefined
  readonly asset: string
  readonly timeout: number | undefined
}

/**
 * Writes the bytes of one asset to standard output, also of a job that failed.
 * @throws Problem when there is none of that name, or the job did not complete
 */
export async function writeAsset(session: Session, queue: Queue, { id = '', asset, timeout }: Wanted): Promise<void> {
  using interrupted = interruption(session.terminal, { advice: 'No longer waiting.' })
  const { result, problem } = await outcomeOf(queue, id, { timeoutSeconds: timeout, signal: interrupted.drain })
  const assets = new Map(Object.entries(result?.assets ?? {}))
  const wanted = assets.get(asset)
  if (!wanted) {
    const names = [...assets.keys()].map((name) => JSON.stringify(name)).join(', ')
    throw (
      problem ??
      new Problem(exitCodes.notFound, `Job "${id}" has no asset ${JSON.stringify(asset)}; it has ${names || 'none'}`)
    )
  }
  await pipeline(wanted.createReadStream(), session.terminal.out, { end: false, signal: interrupted.drain })
  if (problem) throw problem
}
