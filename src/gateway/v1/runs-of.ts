import type { House } from '../house.ts'
import type { OpenQueue } from '../open-queues.ts'

/**
 * The runs of the gateway, and the queue that they go through.
 * @param expectMay ends the request of who may not, before it is looked whether there is anything
 */
export async function runsOf(
  house: House,
  expectMay: (queue: string) => void,
): Promise<OpenQueue & { readonly name: string }> {
  const name = house.options.runsQueue ?? 'runs'
  expectMay(name)
  return { ...(await house.queues.get(name)), name }
}
