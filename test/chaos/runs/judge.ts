import type { OpenBackend } from '../../../src/backend.ts'
import { parseJson } from '../../../src/protocol/json.ts'
import { parseRecord } from '../../../src/protocol/record.ts'
import { parseIndexes } from '../../../src/runs/definition/array-indexes.ts'
import type { RunState } from '../../../src/runs.ts'
import { text } from 'node:stream/consumers'

const statuses = ['pending', 'running', 'succeeded', 'failed'] as const
type Fates = Map<number, 'succeeded' | 'failed'>

/** How an index has to end, whatever befalls its workers. */
export const fateOf = (index: number): 'succeeded' | 'failed' => (index % 10 === 3 ? 'failed' : 'succeeded')

/** What is wrong with a state as it is read, knowing those that were read before: `fates` is added to. */
export function wrongState(state: RunState, size: number, fates: Fates): string[] {
  const of = statuses.map((status) => [status, state[status] === '' ? [] : parseIndexes(state[status])] as const)
  const all = of.flatMap(([, indexes]) => indexes)
  const wrong: string[] = []
  if (all.length !== size || new Set(all).size !== size)
    wrong.push(`${all.length} indexes are counted, and not ${size}`)
  for (const [status, indexes] of of)
    for (const index of indexes) {
      const before = fates.get(index)
      if (before && before !== status) wrong.push(`index ${index} had ${before}, and is ${status}`)
      if (status === 'succeeded' || status === 'failed') fates.set(index, status)
      if ((status === 'succeeded' || status === 'failed') && status !== fateOf(index))
        wrong.push(`index ${index} has ${status}`)
    }
  return wrong
}

/** What is wrong with all that is left of a run. */
export async function wrongEnd(raw: OpenBackend, size: number, tries: number): Promise<string[]> {
  const wrong: string[] = []
  const results = (await keysBelow(raw, 'results/run.')).filter((key) => !key.includes('_fan-out'))
  if (results.length !== size) wrong.push(`there are ${results.length} results`)
  for (const key of results) {
    const reading = await raw.objects.get(key)
    const record = reading && parseRecord(parseJson(await text(reading.body)))
    const index = Number(key.split('.').at(-2))
    const fate = record?.status === 'completed' ? 'succeeded' : record?.status
    if (fate !== fateOf(index)) wrong.push(`the record of index ${index} says ${record?.status}`)
  }
  const failures = (await keysBelow(raw, 'runs/')).filter((key) => key.includes('-failed'))
  for (const [index, keys] of Map.groupBy(failures, (key) => key.split('/').at(-2) ?? ''))
    if (keys.length > tries) wrong.push(`index ${index} failed ${keys.length} times`)
  return wrong
}

export async function keysBelow(raw: OpenBackend, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for (let more = true; more;) {
    const page = await raw.objects.list(prefix, { after: keys.at(-1) })
    keys.push(...page.objects.map(({ key }) => key))
    more = page.more
  }
  return keys
}
