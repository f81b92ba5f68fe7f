export type { ExecutorName } from './runs/arrays/accept-instance.ts'
export type { ListRunsOptions, RunCounts, RunSummary } from './runs/arrays/read-runs.ts'
export type { PageOfRuns, PageOfRunsOptions } from './runs/arrays/page-of-runs.ts'
export type { Resubmission } from './runs/arrays/resubmit-run.ts'
export type { OutlineOptions, RunOutline } from './runs/arrays/run-outlines.ts'
export type { RunEvent } from './runs/arrays/run-events.ts'
export type { RunLogChunk, RunLogsOptions } from './runs/arrays/run-logs.ts'
export type { IndexState, RunState } from './runs/arrays/run-state.ts'
export type { RunWaitOptions } from './runs/arrays/wait-for-run.ts'
export type { EnvironmentEntry } from './runs/definition/environment-entry.ts'
export type { JobDefinition } from './runs/definition/job-definition.ts'
export { containerExecutor, type ContainerOptions } from './runs/executors/container.ts'
export type { Execution, Executor, NotStarted, Program, ProgramEnd } from './runs/executors/executor.ts'
export { processExecutor } from './runs/executors/process.ts'
export { programHandler, type ProgramOptions } from './runs/programs/program-handler.ts'
export { zipHandler, type ZipOptions } from './runs/zips/zip-handler.ts'
export type { ZipLimits } from './runs/zips/zip-limits.ts'
export type { ExecutionOptions } from './runs/programs/execute.ts'
export type { Subscription, SubscriptionRequest } from './runs/events/subscription.ts'
export type { SubscribeOptions, SubscriptionChanges, SubscriptionState } from './runs/events/subscriptions.ts'
export type { ConfigMap } from './runs/stored/config-maps.ts'
export type { StoredJob } from './runs/stored/jobs.ts'
export type { Secret } from './runs/stored/secrets.ts'
export type { InlineRun, JobRun, RunRequest } from './runs/run-request.ts'
export { Runs } from './runs/runs.ts'
export {
  codeEngineJob,
  slimFaasConfiguration,
  slimFaasOverrides,
  slimFaasSchedule,
} from './runs/vocabularies/from-json.ts'
export type { AtEachTick, TickEvent } from './runs/ticks/at-each-tick.ts'
export type { RunsQueue, RunsWorkerOptions } from './runs/runs-worker.ts'
export { DocumentError } from './runs/vocabularies/document.ts'
export type {
  SlimFaasConfiguration,
  SlimFaasOverrides,
  SlimFaasRequest,
  SlimFaasSchedule,
} from './runs/vocabularies/slimfaas.ts'
