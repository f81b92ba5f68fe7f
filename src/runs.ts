export type { IndexState, RunState } from './runs/arrays/run-state.ts'
export type { EnvironmentEntry } from './runs/definition/environment-entry.ts'
export type { JobDefinition } from './runs/definition/job-definition.ts'
export { Runs, type RunRequest } from './runs/runs.ts'
