import { isJsonObject, type JsonObject, jsonObjectFrom } from '../../protocol/json.ts'
import { defaultDefinition, type JobDefinition, type Overrides } from '../definition/job-definition.ts'
import { isDefinition } from '../definition/read-definition.ts'

/** What is run at each tick of a schedule, as the schedule's job has it in its metadata, under `run`. */
export interface TickRun {
  /** The stored job, as it is at the tick; without one the definition is there. */
  readonly job?: string | undefined
  /** What runs have otherwise than the stored job. */
  readonly overrides: Overrides
  readonly definition?: JobDefinition | undefined
  /** Attributes of the events beside the usual ones. */
  readonly extensions: Readonly<Record<string, string>>
}

/** The same as JSON, for {@link parseTickRun}. */
export function formatTickRun(run: TickRun): JsonObject {
  return jsonObjectFrom(run, 'run')
}

/** What a schedule runs at each tick, or `undefined` when its jobs are no runs. */
export function parseTickRun(value: unknown): TickRun | undefined {
  if (!isJsonObject(value)) return undefined
  const { job } = value
  const [definition, overrides]: readonly unknown[] = [value['definition'], value['overrides']]
  const extensions = Object.entries(isJsonObject(value['extensions']) ? value['extensions'] : {})
  if (!extensions.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return undefined
  if (!areOverrides(overrides)) return undefined
  const common = { overrides, extensions: Object.fromEntries(extensions) }
  if (typeof job === 'string') return { ...common, job }
  return isDefinition(definition) ? { ...common, definition } : undefined
}

function areOverrides(value: unknown): value is Overrides {
  return isJsonObject(value) && isDefinition({ name: '', ...defaultDefinition, ...value })
}
