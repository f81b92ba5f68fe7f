import type { JsonObject } from '../../protocol/json.ts'
import { show } from '../../protocol/names.ts'
import { checkEntry, type EnvironmentEntry, isStoredName, type Source } from '../definition/environment-entry.ts'
import type { Mount } from '../definition/mount.ts'
import type { Place } from './document.ts'

const types = [
  'literal',
  'config_map_full_reference',
  'config_map_key_reference',
  'secret_full_reference',
  'secret_key_reference',
] as const

/** An entry of `run_env_variables`. */
export function readVariable(place: Place): EnvironmentEntry {
  place.only(['type', 'name', 'value', 'key', 'prefix', 'reference'])
  const entry = entryFrom(place, place.member('type')?.oneOf(types) ?? 'literal')
  checkEntry(entry, place.path)
  return entry
}

function entryFrom(place: Place, type: (typeof types)[number]): EnvironmentEntry {
  const text = (name: string): string => place.needed(name, `text with the type ${type}`).text()
  if (type === 'literal') return { kind: 'literal', name: text('name'), value: place.member('value')?.text() ?? '' }
  const from = type.startsWith('secret') ? 'secret' : 'config map'
  const reference = text('reference')
  if (type.endsWith('full_reference'))
    return { kind: 'all', from, reference, prefix: place.member('prefix')?.text() ?? '' }
  return { kind: 'key', from, reference, name: text('name'), key: text('key') }
}

/** What {@link readVariable} reads as that entry. */
export function writeVariable(entry: EnvironmentEntry): JsonObject {
  switch (entry.kind) {
    case 'literal':
      return { type: 'literal', name: entry.name, value: entry.value }
    case 'all': {
      const { reference, prefix } = entry
      return { type: `${kinds[entry.from]}_full_reference`, reference, ...(prefix === '' ? {} : { prefix }) }
    }
    case 'key': {
      const { name, key, reference } = entry
      return { type: `${kinds[entry.from]}_key_reference`, name, key, reference }
    }
    default:
      return entry satisfies never
  }
}

/** An entry of `run_volume_mounts`. */
export function readMount(place: Place): Mount {
  place.only(['type', 'mount_path', 'reference', 'name'])
  const type = place.needed('type', 'config_map or secret').oneOf(['config_map', 'secret'])
  const from = type === 'secret' ? 'secret' : 'config map'
  const reference = place.needed('reference', `the name of a ${from}`)
  const name = reference.text()
  if (!isStoredName(name)) throw reference.refusal(`the name of a ${from}`, show(name))
  return { directory: place.needed('mount_path', 'a folder').text(), from, name }
}

/** What {@link readMount} reads as that mount. */
export function writeMount({ directory, from, name }: Mount): JsonObject {
  return { type: kinds[from], mount_path: directory, reference: name }
}

const kinds = { 'config map': 'config_map', secret: 'secret' } as const satisfies Record<Source, string>
