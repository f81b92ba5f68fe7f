import type { Measurement } from '../task.ts'

/** A transfer that is ready to go: all that is done once, before the first byte, is behind it. */
export interface Run {
  transfer(): Promise<Pick<Measurement, 'counted' | 'key'>>
  close(): Promise<void>
}
