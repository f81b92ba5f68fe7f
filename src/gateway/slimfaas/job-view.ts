import type { RunState } from '../../runs/arrays/run-state.ts'
import { isQueued, type JobRun } from './job-runs.ts'
import { runId } from './run-ids.ts'
import { netTicks } from './ticks.ts'

/** A run as `GET /job/<name>` lists it, its members in SlimFaas's order. */
export function jobView({ state, position }: JobRun) {
  return {
    Name: state.name,
    Status: statusOf(state),
    Id: runId(state.name),
    PositionInQueue: position ?? -1,
    ...timesOf(state),
  }
}

/** A run as `GET /jobs/status` lists it. */
export function runningView({ state }: JobRun) {
  return { Name: state.name, Status: statusOf(state), ElementId: runId(state.name), ...timesOf(state) }
}

function timesOf(state: RunState) {
  const startedAt = state.indexes[0]?.startedAt
  return { InQueueTimestamp: netTicks(state.submittedAt), StartTimestamp: startedAt ? netTicks(startedAt) : -1 }
}

/** Between two tries it is `Pending`, as a pod is that is yet to come. */
function statusOf(state: RunState) {
  switch (state.status) {
    case 'completed':
      return 'Succeeded'
    case 'failed':
      return 'Failed'
    case 'running':
      return 'Running'
    case 'pending':
      if (isQueued(state)) return 'Queued'
      return state.indexes[0]?.lastFailureReason === 'ContainerNotCreated' ? 'ImagePullBackOff' : 'Pending'
    default:
      return state.status satisfies never
  }
}
