import { RemoteJobError } from '../../errors.ts'
import type { RunRecord } from './run-record.ts'
import type { RunState } from './run-state.ts'

/** Seconds beyond which a time to live is told in days. */
const day = 86_400

/** What readers of a run are told whose time to live is over. */
export function expired({ name, definition }: RunRecord): RemoteJobError {
  const seconds = definition.ttlSecondsAfterFinish
  const span = seconds > day && seconds % day === 0 ? `${seconds / day} days` : `${seconds} seconds`
  return new RemoteJobError(
    'RESULT_EXPIRED',
    `The run "${name}" is gone: it had finished, and such runs can be seen for ${span} (\`ttlSecondsAfterFinish\`)`,
  )
}

/** When what can be seen of a run is to go that finished then, in milliseconds since 1970. */
export function overAt(finishedAt: Date, { ttlSecondsAfterFinish }: RunRecord['definition']): number {
  return finishedAt.getTime() + ttlSecondsAfterFinish * 1000
}

/** Whether what can be seen of a run is to go. */
export function isOver({ finishedAt, definition }: Pick<RunState, 'finishedAt' | 'definition'>): boolean {
  return finishedAt !== undefined && overAt(finishedAt, definition) <= Date.now()
}
