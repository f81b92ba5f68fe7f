import { isJsonObject } from '../../protocol/json.ts'
import { defaultDefinition, type JobDefinition } from './job-definition.ts'

const optional = { image: 'string', arraySizeOverride: 'number', parallelism: 'number' } as const

/** Whether JSON is a definition as this version writes it: members of the right kinds, whose values were checked when it was written. */
export function isDefinition(value: unknown): value is JobDefinition {
  if (!isJsonObject(value)) return false
  const fits = Object.entries({ name: '', ...defaultDefinition }).every(
    ([name, sample]) => typeof value[name] === typeof sample && Array.isArray(value[name]) === Array.isArray(sample),
  )
  const { command, arguments: words, dependsOn, imagesWhitelist, environment, mounts } = value
  return (
    fits &&
    Object.entries(optional).every(([name, type]) => value[name] === undefined || typeof value[name] === type) &&
    (value['slimFaas'] === undefined || isJsonObject(value['slimFaas'])) &&
    [command, words, dependsOn, imagesWhitelist].every(areTexts) &&
    areAll(environment, isEntry) &&
    areAll(mounts, (one) => isSource(one['from']) && areTexts([one['directory'], one['name']]))
  )
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
