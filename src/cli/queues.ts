import { setTimeout as wait } from 'node:timers/promises'
import type { QueueOverview } from '../admin.ts'
import { forEachOf } from '../for-each-of.ts'
import { exitCodes } from './exit-codes.ts'
import { interruption } from './interruption.ts'
import { drawTable, type Table } from './output/table.ts'
import { spanText, timeText } from './output/time.ts'
import type { Place } from './place.ts'
import { failToFind, type Session } from './session.ts'
import { note } from './terminal.ts'

/** Prints what queues hold. */
export async function showQueues(session: Session, names: readonly string[], place: Place): Promise<void> {
  const found = await overviews(session, names, place)
  const data = found.map(dataOf)
  await session.print({ data: names.length === 1 ? (data[0] ?? null) : data, table: tableOf(found) })
  if (found.length === 0) note(session.terminal, 'There are no queues here.')
}

/** The same again and again: in place on a terminal, one answer after the other elsewhere. Ctrl-C ends it. */
export async function watchQueues(
  session: Session,
  names: readonly string[],
  place: Place,
  intervalSeconds: number,
): Promise<void> {
  const { out } = session.terminal
  using interrupted = interruption(session.terminal, { exitCode: exitCodes.ok })
  const isDrawn = out.isTTY && session.globals.output.kind === 'table'
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(out, { showCursor: false })
  try {
    for (;;) {
      if (isDrawn) screen(await frame(session, names, place, intervalSeconds))
      else await showQueues(session, names, place)
      await wait(intervalSeconds * 1000, undefined, { signal: interrupted.drain })
    }
  } catch (error) {
    if (!interrupted.drain.aborted) throw error
    if (isDrawn) screen.done()
  }
}

async function frame(session: Session, names: readonly string[], place: Place, interval: number): Promise<string> {
  const table = await drawTable(tableOf(await overviews(session, names, place)), session.terminal.out)
  return `${table}\n\n${timeText(new Date())}, every ${interval} s; Ctrl-C ends`
}

async function overviews(session: Session, names: readonly string[], place: Place): Promise<readonly QueueOverview[]> {
  const [{ queue, queues }, options] = await Promise.all([import('../admin.ts'), session.options(place)])
  if (names.length === 0) return queues(options)
  return forEachOf(names, 10, (name) =>
    queue(name, options).catch((error: unknown) => failToFind(session, name, error)),
  )
}

function tableOf(found: readonly QueueOverview[]): Table {
  return {
    columns: ['QUEUE', 'WAITING', 'DELAYED', 'IN FLIGHT', 'DEAD', 'OLDEST'],
    rows: found.map(({ name, waiting, delayed, inFlight, dead, oldestSeconds }) => [
      name,
      ...[waiting, delayed, inFlight, dead].map(String),
      oldestSeconds === undefined ? undefined : spanText(oldestSeconds),
    ]),
  }
}

function dataOf({ announced, oldestSeconds, ...counts }: QueueOverview) {
  return { ...counts, announced: { ...announced }, oldestSeconds: oldestSeconds ?? null }
}
