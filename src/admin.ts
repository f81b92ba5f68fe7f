export type { AdminOptions } from './admin/administer.ts'
export { queue, queues } from './admin/queues.ts'
export type { QueueOverview } from './admin/queues.ts'
