import type { Place } from '../../src/backend.ts'

/** The place of a queue of that name, in which nothing is thought to be poison. */
export function placeNamed(name: string): Place {
  const queues = ['pending', 'completed', 'failed'].map((status) => [status, `${name}-${status}`] as const)
  return {
    bucket: `remotejobs-${name}`,
    queues: new Map(queues),
    deadLetterQueue: `${name}-dead`,
    pendingQueue: `${name}-pending`,
    maxReceives: 1000,
    leaseSeconds: 30,
    provision: 'auto',
  }
}
