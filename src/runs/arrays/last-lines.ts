import type { LogChunk } from '../../lifecycle/read-logs.ts'

const newline = 10

/** The last lines of pieces that follow each other; a line break at the very end begins no line. */
export function lastLines<Chunk extends Pick<LogChunk, 'bytes'>>(chunks: readonly Chunk[], count: number): Chunk[] {
  if (count === 0) return []
  const kept: Chunk[] = []
  let breaks = 0
  let isEnd = true
  for (const chunk of chunks.toReversed()) {
    for (let at = chunk.bytes.length - 1; at >= 0; at -= 1) {
      const isBreak = chunk.bytes[at] === newline && !isEnd
      isEnd = false
      if (!isBreak) continue
      breaks += 1
      if (breaks === count) return [...sliced(chunk, at + 1), ...kept]
    }
    kept.unshift(chunk)
  }
  return kept
}

/** How many lines pieces have, less the one that may have begun before them. */
export function countBreaks(chunks: readonly Pick<LogChunk, 'bytes'>[]): number {
  return chunks.reduce(
    (sum, { bytes }) => sum + bytes.reduce((count, byte) => count + (byte === newline ? 1 : 0), 0),
    0,
  )
}

function sliced<Chunk extends Pick<LogChunk, 'bytes'>>(chunk: Chunk, from: number): Chunk[] {
  return from < chunk.bytes.length ? [{ ...chunk, bytes: chunk.bytes.subarray(from) }] : []
}
