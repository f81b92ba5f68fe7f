import type { Cancellable } from '../../backend.ts'
import { RemoteJobError } from '../../errors.ts'
import { readBytes } from '../../lifecycle/download.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import { isJsonObject, parseJson } from '../../protocol/json.ts'
import { defaultDefinition, type JobDefinition } from '../definition/job-definition.ts'
import { type RunId, runKey } from './run-keys.ts'

/** `runs/<name>.json`: what is run, as it was when it was submitted. */
export interface RunRecord extends RunId {
  readonly v: 1
  readonly definition: JobDefinition
  /** Milliseconds since 1970. */
  readonly submittedAt: number
}

/** Tries of an index. Those of a daemon have no end. */
export function attemptsOf({ mode, retryLimit }: JobDefinition): number {
  return mode === 'daemon' ? 1_000_000_000 : 1 + retryLimit
}

/** When every index of the run has to have ended, in milliseconds since 1970; never for a daemon. */
export function deadlineOf({ definition, submittedAt }: RunRecord): number {
  return definition.mode === 'daemon' ? Infinity : submittedAt + definition.maxExecutionSeconds * 1000
}

/** @throws RemoteJobError `UNSUPPORTED` for a record of a newer version */
export async function readRun(w: Workspace, name: string, options?: Cancellable): Promise<RunRecord | undefined> {
  const bytes = await readBytes(w.objects, runKey(name), options)
  if (!bytes) return undefined
  const run = parseRun(parseJson(bytes.toString()))
  if (run?.name === name) return run
  throw new RemoteJobError(
    'UNSUPPORTED',
    `The run "${name}" was written by a newer version of remotejob: update this one`,
  )
}

function parseRun(value: unknown): RunRecord | undefined {
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { name, uid, submittedAt } = value
  const definition: unknown = value['definition']
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof submittedAt !== 'number') return undefined
  return isDefinition(definition) ? { v: 1, name, uid, submittedAt, definition } : undefined
}

/** Members of the right kinds: their values were checked when it was submitted. */
function isDefinition(value: unknown): value is JobDefinition {
  if (!isJsonObject(value)) return false
  const fits = Object.entries({ name: '', ...defaultDefinition }).every(
    ([name, sample]) => typeof value[name] === typeof sample && Array.isArray(value[name]) === Array.isArray(sample),
  )
  return fits && areTexts(value['command']) && areTexts(value['arguments']) && areLiterals(value['environment'])
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function areLiterals(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((one) => isJsonObject(one) && one['kind'] === 'literal' && areTexts([one['name'], one['value']]))
  )
}
