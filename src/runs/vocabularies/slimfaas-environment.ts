import type { JsonObject } from '../../protocol/json.ts'
import { checkEntry, type EnvironmentEntry, type Source } from '../definition/environment-entry.ts'
import type { Place } from './document.ts'

/** An entry of `Environments`. SlimFaas's documentation writes `name` and `value`, its code `Name` and `Value`. */
export function readVariable(place: Place): EnvironmentEntry {
  place.only(['Name', 'name', 'Value', 'value', 'SecretRef', 'ConfigMapRef', 'FieldRef', 'ResourceFieldRef'])
  const pod = place.member('FieldRef', 'ResourceFieldRef')
  if (pod) throw pod.refusal('left out, since programs are in no pod', 'a field of one')
  const name = (place.member('name') ?? place.needed('Name', 'a variable’s name')).text()
  const entry =
    keyFrom(name, 'secret', place.member('SecretRef')) ??
    keyFrom(name, 'config map', place.member('ConfigMapRef')) ??
    ({ kind: 'literal', name, value: place.member('Value', 'value')?.text() ?? '' } as const)
  checkEntry(entry, place.path)
  return entry
}

function keyFrom(name: string, from: Source, place: Place | undefined): EnvironmentEntry | undefined {
  place?.only(['Name', 'Key'])
  return (
    place && {
      kind: 'key',
      from,
      reference: place.needed('Name', `the name of a ${from}`).text(),
      name,
      key: place.needed('Key', `a key of a ${from}`).text(),
    }
  )
}

/** What {@link readVariable} reads as that entry; `undefined` for all keys of something, which SlimFaas has no words for. */
export function writeVariable(entry: EnvironmentEntry): JsonObject | undefined {
  switch (entry.kind) {
    case 'literal':
      return { Name: entry.name, Value: entry.value }
    case 'key':
      return {
        Name: entry.name,
        [entry.from === 'secret' ? 'SecretRef' : 'ConfigMapRef']: { Name: entry.reference, Key: entry.key },
      }
    case 'all':
      return undefined
    default:
      return entry satisfies never
  }
}
