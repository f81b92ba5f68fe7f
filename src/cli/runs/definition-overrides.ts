import { formatIndexes, indexesOfSize, parseIndexes } from '../../runs/definition/array-indexes.ts'
import {
  type EnvironmentEntry,
  isStoredName,
  mergeEnvironment,
  parseLiteral,
  parseReference,
} from '../../runs/definition/environment-entry.ts'
import type { JobDefinition, Overrides } from '../../runs/definition/job-definition.ts'
import type { Mount } from '../../runs/definition/mount.ts'
import { refusal } from '../../runs/definition/refuse.ts'
import { parseCpu, parseSize } from '../../runs/definition/resources.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import type { DefinitionOptions, RemovalOptions } from './definition-options.ts'

/**
 * What the options say of a job or a run, in the library's words; what they say nothing of is undefined.
 * @throws RemoteJobError `INVALID_ARGUMENT`, Problem; each names the option and the reason
 */
export function overridesFrom(options: DefinitionOptions): Overrides {
  const { image, command, argument, mode, retrylimit, maxexecutiontime, cpu, memory, ephemeralStorage } = options
  return {
    image,
    command,
    arguments: argument,
    environment: some(environmentFrom(options)),
    mounts: some(mountsFrom(options)),
    mode,
    arrayIndexes: indexesFrom(options),
    arraySizeOverride: options.arraySizeVarOverride,
    cpu: cpu === undefined ? undefined : parseCpu(cpu, '--cpu'),
    memory: memory === undefined ? undefined : parseSize(memory, '--memory'),
    ephemeralStorage: ephemeralStorage === undefined ? undefined : parseSize(ephemeralStorage, '--ephemeral-storage'),
    retryLimit: retrylimit,
    maxExecutionSeconds: maxexecutiontime,
    parallelism: options.parallelism,
    dependsOn: options.dependsOn,
    ttlSecondsAfterFinish: options.ttl,
    visibility: options.visibility,
    imagesWhitelist: options.imagesWhitelist,
  }
}

/** The options that take something away. */
export const removals = [
  'argumentsClear',
  'commandsClear',
  'envRm',
  'envFromConfigmapRm',
  'envFromSecretRm',
  'mountRm',
  'dependsOnRm',
] as const satisfies readonly (keyof RemovalOptions)[]

/**
 * A definition without what the options take away from it.
 * @throws Problem for what it does not have: a slip of the finger would leave a variable where it is
 */
export function withoutRemoved(definition: JobDefinition, options: RemovalOptions): JobDefinition {
  const { envRm = [], envFromConfigmapRm = [], envFromSecretRm = [], mountRm = [], dependsOnRm = [] } = options
  let { environment } = definition
  environment = without(environment, envRm, '--env-rm', (entry) => (entry.kind === 'all' ? undefined : entry.name))
  environment = without(environment, envFromConfigmapRm, '--env-from-configmap-rm', wholeOf('config map'))
  environment = without(environment, envFromSecretRm, '--env-from-secret-rm', wholeOf('secret'))
  return {
    ...definition,
    command: options.commandsClear ? [] : definition.command,
    arguments: options.argumentsClear ? [] : definition.arguments,
    environment,
    mounts: without(definition.mounts, mountRm, '--mount-rm', ({ directory }) => directory),
    dependsOn: without(definition.dependsOn, dependsOnRm, '--depends-on-rm', (name) => name),
  }
}

function wholeOf(from: 'config map' | 'secret'): (entry: EnvironmentEntry) => string | undefined {
  return (entry) => (entry.kind === 'all' && entry.from === from ? entry.reference : undefined)
}

function without<Item>(
  items: readonly Item[],
  names: readonly string[],
  option: string,
  nameOf: (item: Item) => string | undefined,
): readonly Item[] {
  const missing = names.find((name) => !items.some((item) => nameOf(item) === name))
  if (missing === undefined) return items.filter((item) => !names.some((name) => nameOf(item) === name))
  throw new Problem(exitCodes.notFound, `${option} ${missing}: the job has none of that name`)
}

function indexesFrom({ arrayIndexes, arraySize }: DefinitionOptions): string | undefined {
  if (arraySize === undefined)
    return arrayIndexes === undefined ? undefined : formatIndexes(parseIndexes(arrayIndexes, '--array-indexes'))
  if (arrayIndexes === undefined) return indexesOfSize(arraySize, '--array-size')
  throw new Problem(
    exitCodes.usage,
    'Choose one of --array-indexes and --array-size: each says which indexes there are',
  )
}

/** References first, so that what is said word for word wins. Of two with one name, the last. */
function environmentFrom(options: DefinitionOptions): readonly EnvironmentEntry[] {
  const { env = [], envFromConfigmap = [], envFromSecret = [] } = options
  return [
    ...envFromConfigmap.flatMap((text) => parseReference(text, 'config map', '--env-from-configmap')),
    ...envFromSecret.flatMap((text) => parseReference(text, 'secret', '--env-from-secret')),
    ...env.map((text) => parseLiteral(text, '--env')),
  ].reduce<readonly EnvironmentEntry[]>((before, entry) => mergeEnvironment(before, [entry]), [])
}

function mountsFrom({ mountConfigmap = [], mountSecret = [] }: DefinitionOptions): readonly Mount[] {
  return [
    ...mountConfigmap.map((text) => mountFrom(text, 'config map', '--mount-configmap')),
    ...mountSecret.map((text) => mountFrom(text, 'secret', '--mount-secret')),
  ]
}

function mountFrom(text: string, from: Mount['from'], option: string): Mount {
  const at = text.lastIndexOf('=')
  const [directory, name] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  if (at > 0 && isStoredName(name)) return { directory, from, name }
  throw refusal(option, 'DIRECTORY=NAME', text)
}

const some = <Item>(items: readonly Item[]): readonly Item[] | undefined => (items.length > 0 ? items : undefined)
