/** Chunks that are made as they are asked for. */
export type Chunks = AsyncGenerator<Uint8Array, void, undefined>

/**
 * A body of such chunks: none is made ahead of its reader.
 * @param end ends the making at once, when nobody reads any more
 */
export function streamOf(chunks: Chunks, end: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await chunks.next()
        if (step.done) controller.close()
        else controller.enqueue(step.value)
      },
      async cancel() {
        end()
        await chunks.return().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}

/** The same chunks, once the first is there: so what cannot be had at all is a refusal, and not a body that breaks off. */
export async function begun(chunks: Chunks): Promise<Chunks> {
  const first = await chunks.next()
  return (async function* () {
    try {
      if (first.done) return
      yield first.value
      yield* chunks
    } finally {
      await chunks.return()
    }
  })()
}
