import type { LogChunk } from '../index.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { printItem } from './output/print.ts'
import type { Place } from './place.ts'
import type { Session } from './session.ts'
import { write } from './terminal.ts'

/** Which logs to show. */
export interface ShownLogs extends Place {
  readonly follow?: boolean | undefined
  readonly attempt?: number | undefined
  readonly stream?: string | undefined
}

/** Writes a job's logs, as bytes, or with another `--output` than a table an object for each piece. */
export async function showLogs(session: Session, name: string, id: string, logs: ShownLogs): Promise<void> {
  const { follow, attempt, stream, ...place } = logs
  using interrupted = interruption(session.terminal, { exitCode: exitCodes.ok })
  const { drain } = interrupted
  try {
    await session.withQueue(name, { ...place, provision: 'never' }, async (queue) => {
      for await (const chunk of queue.logs(id, { follow, attempt, stream, signal: drain }))
        await show(session, chunk, stream !== undefined)
    })
  } catch (error) {
    // Whoever stops to follow has seen enough.
    if (!drain.aborted) throw error
  }
}

async function show({ terminal, globals }: Session, chunk: LogChunk, isOnly: boolean): Promise<void> {
  if (globals.output.kind !== 'table') {
    const { attempt, stream, at, bytes } = chunk
    const text = Buffer.from(bytes).toString()
    return printItem(terminal, globals.output, { attempt, stream, at: at.toISOString(), text })
  }
  if (chunk.stream === 'stdout' || isOnly) return write(terminal, chunk.bytes)
  terminal.err.write(chunk.bytes)
}
