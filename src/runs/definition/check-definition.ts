import { RemoteJobError } from '../../errors.ts'
import { checkInteger, checkOneOf } from '../../options.ts'
import { parseIndexes } from './array-indexes.ts'
import { checkEntry } from './environment-entry.ts'
import type { JobDefinition } from './job-definition.ts'
import { checkMounts } from './mount.ts'
import { misfitOf } from './read-definition.ts'
import { refusal } from './refuse.ts'
import { checkAmounts, checkPair } from './resources.ts'

const maxDefinitionBytes = 10 * 1024
/** As many attempts as any job may have, less the first. */
const maxRetries = 999
const maxTtlSeconds = 10 * 365 * 24 * 3600

/** Names as IBM Code Engine has them. */
const ownName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/
/** SlimFaas has `_` in names besides. */
const anyName = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/

/** @throws RemoteJobError `INVALID_ARGUMENT` for a name that no job can have, in whosever words it is described */
export function checkJobName(name: unknown): asserts name is string {
  checkName(name, 63, 'name', true)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a name that no run can have, of whichever job */
export function checkRunName(name: unknown, member = 'name'): asserts name is string {
  checkName(name, 53, member, true)
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a name that a new run of that job cannot have */
export function checkNewRunName(name: unknown, { slimFaas }: Pick<JobDefinition, 'slimFaas'>): void {
  checkName(name, 53, 'runName', slimFaas !== undefined)
}

function checkName(name: unknown, most: number, member: string, isAny: boolean): void {
  if (typeof name === 'string' && name.length <= most && (isAny ? anyName : ownName).test(name)) return
  const characters = isAny ? 'lower-case letters, digits, "-" and "_"' : 'lower-case letters, digits and "-"'
  throw refusal(member, `1 to ${most} ${characters}, with a letter or digit at both ends`, name)
}

/**
 * What is kept has to be what can be read. What was given instead is not shown: it may be a value of the environment.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkKinds(definition: JobDefinition): void {
  const misfit = misfitOf({ ...definition })
  if (misfit) throw new RemoteJobError('INVALID_ARGUMENT', `Expected \`${misfit.member}\` to be ${misfit.kind}`)
}

/**
 * What makes a definition one that can be run.
 * @throws RemoteJobError `INVALID_ARGUMENT` that names the member and what it takes
 */
export function checkDefinition(definition: JobDefinition): void {
  checkName(definition.name, 63, 'name', definition.slimFaas !== undefined)
  checkOneOf('mode', definition.mode, ['task', 'daemon'])
  checkOneOf('visibility', definition.visibility, ['public', 'private'])
  checkInteger('retryLimit', definition.retryLimit, 0, definition.slimFaas ? maxRetries : 5)
  checkInteger('maxExecutionSeconds', definition.maxExecutionSeconds, 1, 86_400)
  checkInteger('arraySizeOverride', definition.arraySizeOverride, 1, 10_000_000)
  checkInteger('parallelism', definition.parallelism, 1, 10_000)
  checkInteger('ttlSecondsAfterFinish', definition.ttlSecondsAfterFinish, 0, maxTtlSeconds)
  checkKinds(definition)
  parseIndexes(definition.arrayIndexes)
  if (definition.slimFaas) checkAmounts(definition)
  else checkPair(definition)
  checkProgram(definition)
  for (const entry of definition.environment) checkEntry(entry, 'environment')
  checkMounts(definition)
  checkSize(definition)
}

function checkProgram({ image, command, arguments: words }: JobDefinition): void {
  if (image === undefined && (command[0] ?? '') === '')
    throw new RemoteJobError(
      'INVALID_ARGUMENT',
      'Expected an `image` for a container, or a `command` for a process of the worker’s machine',
    )
  if (image !== undefined && !/^[\x21-\x7e]{1,512}$/.test(image)) throw refusal('image', 'the name of an image', image)
  const broken = [...command, ...words].find((word) => word.includes('\0'))
  if (broken !== undefined) throw refusal('arguments', 'words without NUL', broken)
}

function checkSize(definition: JobDefinition): void {
  const bytes = Buffer.byteLength(JSON.stringify(definition))
  if (bytes <= maxDefinitionBytes) return
  throw new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected a definition of at most ${maxDefinitionBytes} bytes, got ${bytes}: leave large values to a config map, or to a stored object`,
  )
}
