import type { Chunks } from './stream-of.ts'

/** Something to tell, as a browser's `EventSource` has it. */
export interface ServerSentEvent {
  readonly event: string
  /** Any JSON. */
  readonly data: unknown
  /** From where to go on, should the connection break. */
  readonly id?: string | undefined
}

/** Milliseconds after which a browser comes back when its connection breaks. */
const comeBack = 2000

/** The bytes of events; `undefined` among them is a sign of life, so that nobody between takes the connection for dead. */
export async function* eventBytes(events: AsyncIterable<ServerSentEvent | undefined>): Chunks {
  yield Buffer.from(`retry: ${comeBack}\n\n`)
  for await (const one of events) yield Buffer.from(one ? formatEvent(one) : ':\n\n')
}

/** JSON has no line breaks outside of its texts, and there it writes them otherwise. */
function formatEvent({ event, data, id }: ServerSentEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** What such an answer needs beside: nobody between may hold it back or keep it. */
export const eventHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
} as const
