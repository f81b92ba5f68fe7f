import { isJsonObject } from '../../protocol/json.ts'
import { defaultDefinition, type JobDefinition } from './job-definition.ts'

const optional = { image: '', arraySizeOverride: 0, parallelism: 0 } as const
const samples = Object.entries({ name: '', ...defaultDefinition, ...optional })
const lists: readonly string[] = ['command', 'arguments', 'dependsOn', 'imagesWhitelist']

/** Whether JSON is a definition as this version writes it: members of the right kinds, whose values were checked when it was written. */
export function isDefinition(value: unknown): value is JobDefinition {
  if (!isJsonObject(value) || misfitOf(value)) return false
  return value['slimFaas'] === undefined || isJsonObject(value['slimFaas'])
}

/** The first member of a definition that is of another kind than such members are, and that kind. */
export function misfitOf(
  value: Readonly<Record<string, unknown>>,
): { readonly member: string; readonly kind: string } | undefined {
  for (const [member, sample] of samples) {
    const given = value[member]
    const isLeftOut = given === undefined && member in optional
    if (lists.includes(member) && !areTexts(given)) return { member, kind: 'a list of texts' }
    if (!isLeftOut && !(typeof given === typeof sample && Array.isArray(given) === Array.isArray(sample)))
      return { member, kind: Array.isArray(sample) ? 'a list' : typeof sample === 'string' ? 'text' : 'a number' }
  }
  if (!areAll(value['environment'], isEntry)) return { member: 'environment', kind: 'a list of variables' }
  return areAll(value['mounts'], isMount) ? undefined : { member: 'mounts', kind: 'a list of mounts' }
}

function areAll(value: unknown, fits: (one: Readonly<Record<string, unknown>>) => boolean): boolean {
  return Array.isArray(value) && value.every((one) => isJsonObject(one) && fits(one))
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isSource(value: unknown): boolean {
  return value === 'config map' || value === 'secret'
}

function isMount({ from, directory, name }: Readonly<Record<string, unknown>>): boolean {
  return isSource(from) && areTexts([directory, name])
}

function isEntry({ kind, name, value, from, reference, prefix, key }: Readonly<Record<string, unknown>>): boolean {
  switch (kind) {
    case 'literal':
      return areTexts([name, value])
    case 'all':
      return isSource(from) && areTexts([reference, prefix])
    case 'key':
      return isSource(from) && areTexts([reference, name, key])
    default:
      return false
  }
}
