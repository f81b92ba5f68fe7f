import type { JsonObject } from '../../protocol/json.ts'
import type { Values } from '../../runs/stored/values.ts'
import type { Dated } from '../../runs/stored/versioned-contents.ts'
import { Place } from '../../runs/vocabularies/document.ts'
import type { Project } from './project.ts'
import { resourceMembers } from './resource.ts'

/** What the server says, which may come back in a request and is not read. */
const told = ['id', 'href', 'region', 'project_id', 'created_at', 'entity_tag', 'resource_type']

/**
 * The values in the body of a request; what is wrong with them is said without them.
 * @param more Members that there may be beside `name` and `data`
 * @throws DocumentError
 */
export function readData(place: Place, more: readonly string[] = []): Values {
  place.only(['name', 'data', ...more, ...told])
  const data = place.member('data') ?? new Place({}, 'data')
  return Object.fromEntries(data.members().map(([key, value]) => [key, value.text()]))
}

/**
 * The name in the body of a replacement, where there is one, is that in its path.
 * @throws DocumentError
 */
export function expectName(place: Place, expected: string): void {
  const name = place.member('name')
  if (name && name.value !== expected) throw name.refusal(`"${expected}", as in the address`, 'another')
}

/** What there is to say of a config map or secret without its values. */
export function describedValues(
  project: Project,
  kind: 'config_maps' | 'secrets',
  found: Dated,
): JsonObject & { readonly entity_tag: string } {
  return { name: found.name, ...resourceMembers(project, kind, found), entity_tag: String(found.version) }
}

/** Values as the API shows them. It has no form for bytes that are no text, and those are left out. */
export function writeData(values: Values): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
