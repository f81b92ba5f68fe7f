import { checkDefinition, checkKinds } from './check-definition.ts'
import { checkMembers, checkObject } from './check-members.ts'
import { mergeEnvironment } from './environment-entry.ts'
import { defaultDefinition, type JobDefinition, type Overrides } from './job-definition.ts'
import type { Mount } from './mount.ts'
import { refusal } from './refuse.ts'
import { isListed } from './whitelist.ts'

/**
 * A definition from what was said, with defaults for the rest.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function definitionFrom(given: Overrides & Pick<JobDefinition, 'name'>): JobDefinition {
  checkObject('definition', given)
  checkMembers(given)
  checkDaemon(given)
  const definition = { ...defaultDefinition, ...defined(given), name: given.name }
  checkDefinition(definition)
  return definition
}

/**
 * A definition with what a run or an update says instead: environments are merged by name
 * and mounts by folder, all else is replaced. The name stays.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function mergeDefinition(definition: JobDefinition, overrides: Overrides): JobDefinition {
  checkObject('change', overrides)
  checkMembers(overrides)
  const mode = overrides.mode ?? definition.mode
  checkDaemon({ ...overrides, mode })
  checkKinds({ ...definition, ...defined(overrides) })
  const merged = {
    ...definition,
    ...defined(overrides),
    name: definition.name,
    environment: mergeEnvironment(definition.environment, overrides.environment ?? []),
    mounts: mergeMounts(definition.mounts, overrides.mounts ?? []),
  }
  checkDefinition(merged)
  return merged
}

/**
 * Whether a run may choose that image.
 * @throws RemoteJobError `INVALID_ARGUMENT` for one that is neither the job's nor on its list
 */
export function checkRunImage({ image, imagesWhitelist }: JobDefinition, wanted: string | undefined): void {
  if (wanted === undefined || wanted === image || isListed(wanted, imagesWhitelist)) return
  const expected = image === undefined ? 'left out, as the job has none' : `the job's, ${JSON.stringify(image)}`
  throw refusal('image', expected, wanted)
}

/** A definition as somebody would say it: with the mode daemon, limits that it has by itself are not said. */
export function said(definition: JobDefinition): Overrides & Pick<JobDefinition, 'name'> {
  const { retryLimit: _, maxExecutionSeconds: _none, ...daemon } = definition
  return definition.mode === 'daemon' ? daemon : definition
}

/** A daemon has no end to be limited, and is tried again for ever. */
function checkDaemon({ mode, retryLimit, maxExecutionSeconds }: Overrides): void {
  if (mode !== 'daemon') return
  if (retryLimit !== undefined) throw refusal('retryLimit', 'left out with the mode daemon', retryLimit)
  if (maxExecutionSeconds !== undefined)
    throw refusal('maxExecutionSeconds', 'left out with the mode daemon', maxExecutionSeconds)
}

function mergeMounts(configured: readonly Mount[], wanted: readonly Mount[]): readonly Mount[] {
  const isTaken = ({ directory }: Mount): boolean => wanted.some((mount) => mount.directory === directory)
  return [...configured.filter((mount) => !isTaken(mount)), ...wanted]
}

/** What is said: members that are there and undefined say nothing. */
export function defined(overrides: Overrides): Partial<JobDefinition> {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
}
