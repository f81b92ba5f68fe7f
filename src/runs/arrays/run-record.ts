import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import { readBytes } from '../../lifecycle/download.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { isDefinition } from '../definition/read-definition.ts'
import { readyKey, type RunId, runKey } from './run-keys.ts'

/** `runs/<name>.json`: what is run, as it was when it was submitted. */
export interface RunRecord extends RunId {
  readonly v: 1
  readonly definition: JobDefinition
  /** The stored job that it was made from. */
  readonly job?: string | undefined
  /** Tells a request that comes again under one key from another. */
  readonly requestHash?: string | undefined
  /** The runs that must have completed before, of those that the definition names. */
  readonly dependencies?: readonly RunId[] | undefined
  /** Milliseconds since 1970. */
  readonly submittedAt: number
  /** When all that it depends on was there, in milliseconds since 1970; it is kept in an object of its own. */
  readonly readyAt?: number | undefined
}

/** Tries of an index. Those of a daemon have no end. */
export function attemptsOf({ mode, retryLimit }: JobDefinition): number {
  return mode === 'daemon' ? 1_000_000_000 : 1 + retryLimit
}

/**
 * When every index of the run has to have ended, in milliseconds since 1970; never for a daemon. The time for which it waits for what
 * it depends on does not count.
 */
export function deadlineOf({ definition, submittedAt, readyAt }: RunRecord): number {
  const began = definition.dependsOn.length === 0 ? submittedAt : (readyAt ?? Infinity)
  return definition.mode === 'daemon' ? Infinity : began + definition.maxExecutionSeconds * 1000
}

/** @throws RemoteJobError `UNSUPPORTED` for a record of a newer version */
export async function readRun(w: Workspace, name: string, options?: Cancellable): Promise<RunRecord | undefined> {
  const bytes = await readBytes(w.objects, runKey(name), options)
  if (!bytes) return undefined
  const run = parseRun(parseJson(bytes.toString()))
  if (run?.name === name) return run.definition.dependsOn.length === 0 ? run : withReadiness(w, run, options)
  throw new RemoteJobError(
    'UNSUPPORTED',
    `The run "${name}" was written by a newer version of remotejob: update this one`,
  )
}

/** @throws RemoteJobError `NOT_FOUND`, `UNSUPPORTED` */
export async function expectRun(w: Workspace, name: string, options?: Cancellable): Promise<RunRecord> {
  const run = await readRun(w, name, options)
  if (run) return run
  throw new RemoteJobError('NOT_FOUND', `There is no run "${name}" in queue "${w.name}": check the name and the queue`)
}

async function withReadiness(w: Workspace, run: RunRecord, options?: Cancellable): Promise<RunRecord> {
  const mark = await w.objects.head(readyKey(run), options)
  return { ...run, readyAt: mark?.lastModified.getTime() }
}

function parseRun(value: unknown): RunRecord | undefined {
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { name, uid, submittedAt, job, requestHash, dependencies } = value
  const definition: unknown = value['definition']
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof submittedAt !== 'number') return undefined
  const from = {
    ...(typeof job === 'string' && { job }),
    ...(typeof requestHash === 'string' && { requestHash }),
    ...(Array.isArray(dependencies) && { dependencies: dependencies.flatMap(runIdFrom) }),
  }
  return isDefinition(definition) ? { v: 1, name, uid, submittedAt, definition, ...from } : undefined
}

function runIdFrom(value: unknown): readonly RunId[] {
  if (!isJsonObject(value)) return []
  const { name, uid } = value
  return typeof name === 'string' && typeof uid === 'string' ? [{ name, uid }] : []
}
