import type { JsonValue } from '../../protocol/json.ts'
import { parseIndexes } from '../../runs/definition/array-indexes.ts'
import type { JobDefinition } from '../../runs.ts'

/** The variables that programs are given by themselves, as far as their values do not depend on the worker or the index. */
export function computedVariables(
  { name, mode, arrayIndexes, arraySizeOverride, retryLimit }: JobDefinition,
  more: Readonly<Record<string, string>>,
): JsonValue[] {
  const variables = {
    CE_JOB: name,
    ...more,
    JOB_ARRAY_SIZE: String(arraySizeOverride ?? parseIndexes(arrayIndexes).length),
    JOB_MODE: mode,
    JOB_RETRY_LIMIT: String(retryLimit),
  }
  return Object.entries(variables).map(([variable, value]) => ({ type: 'literal', name: variable, value }))
}
