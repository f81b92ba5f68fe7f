/**
 * Waits for all, then gives their values or throws the first failure: nothing goes on behind a caller who was told of it.
 */
export async function allSettled<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises)
  return await Promise.all(promises)
}
