import { RemoteJobError } from '../errors.ts'

/**
 * Thrown by a handler of the house: this worker could not begin the job, for a reason that is not the job's. It goes back to its queue
 * at no cost of an attempt.
 */
export class NotBegunError extends RemoteJobError {
  override readonly name = 'NotBegunError'

  constructor(message: string, options?: { cause?: unknown }) {
    super('UNAVAILABLE', message, options)
  }
}
