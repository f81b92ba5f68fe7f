/**
 * Does something for each item, so many at a time, and answers in the items' order. After a failure nothing more is begun; what is
 * under way ends, and the first failure is thrown.
 */
export async function forEachOf<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const entries = items.entries()
  let failure: { readonly error: unknown } | undefined
  const hand = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (failure) return
      try {
        results[index] = await work(item, index)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, hand))
  if (failure) throw failure.error
  return results
}
