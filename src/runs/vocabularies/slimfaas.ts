import type { JsonObject } from '../../protocol/json.ts'
import type { JobDefinition, Overrides } from '../definition/job-definition.ts'
import { defined, definitionFrom, mergeDefinition } from '../definition/merge.ts'
import { isListed } from '../definition/whitelist.ts'
import { DocumentError, type MemberNames, type Place, refusingAt } from './document.ts'
import { readVariable, writeVariable } from './slimfaas-environment.ts'
import { configuredResources, lowered, readResources, type WantedResources } from './slimfaas-resources.ts'

const names = {
  name: 'Name',
  image: 'Image',
  command: 'Command',
  arguments: 'Args',
  environment: 'Environments',
  mounts: 'Mounts',
  mode: 'Mode',
  arrayIndexes: 'ArrayIndexes',
  arraySizeOverride: 'ArraySize',
  cpu: 'Resources.Limits.cpu',
  memory: 'Resources.Limits.memory',
  ephemeralStorage: 'Resources.Limits.ephemeral-storage',
  retryLimit: 'BackoffLimit',
  maxExecutionSeconds: 'MaxExecutionSeconds',
  parallelism: 'NumberParallelJob',
  dependsOn: 'DependsOn',
  visibility: 'Visibility',
  imagesWhitelist: 'ImagesWhitelist',
  ttlSecondsAfterFinish: 'TtlSecondsAfterFinished',
} as const satisfies MemberNames

const shared = [
  'Image',
  'BackoffLimit',
  'TtlSecondsAfterFinished',
  'RestartPolicy',
  'Resources',
  'Environments',
  'DependsOn',
] as const

/** Seconds that a run has: SlimFaas sets no limit, and a run has one of a day at most. */
const longest = 86_400

/** SlimFaas's configuration: definitions, and when runs of them are made. */
export interface SlimFaasConfiguration {
  readonly definitions: readonly JobDefinition[]
  readonly schedules: readonly SlimFaasSchedule[]
}

/** An entry of `Schedules`. */
export interface SlimFaasSchedule {
  readonly jobName: string
  /** Five fields, in UTC. */
  readonly schedule: string
  /** What its runs say instead of the job. */
  readonly overrides: Overrides
}

/** What a run says instead of its definition; resources have yet to be compared with the configured ones. */
export interface SlimFaasRequest {
  readonly image: string | undefined
  readonly resources: WantedResources
  readonly overrides: Overrides
}

/**
 * `{ "Configurations": { … }, "Schedules": { … } }`, as `SlimFaas__JobsConfiguration` holds it.
 * @throws DocumentError
 */
export function readConfiguration(place: Place): SlimFaasConfiguration {
  place.only(['Configurations', 'Schedules'])
  const definitions = new Map<string, JobDefinition>()
  for (const [name, entry] of place.member('Configurations')?.members() ?? []) {
    const definition = readDefinition(name, entry)
    if (definitions.has(definition.name))
      throw entry.refusal('there once, since names are compared without case', 'two')
    definitions.set(definition.name, definition)
  }
  const schedules = (place.member('Schedules')?.members() ?? []).flatMap(([name, list]) => {
    const definition = definitions.get(name.toLowerCase()) ?? definitions.get('default')
    if (!definition) throw list.refusal('the schedules of a job that is configured', 'those of another')
    return list.items().map((item) => {
      const { lowered: _, ...entry } = readSchedule(definition, item)
      return entry
    })
  })
  return { definitions: [...definitions.values()], schedules }
}

function readDefinition(name: string, place: Place): JobDefinition {
  place.only([...shared, 'Command', 'ImagesWhitelist', 'Visibility', 'NumberParallelJob'])
  const resources = place.member('Resources')
  const isDefault = name.toLowerCase() === 'default'
  const least = isDefault && !resources ? { limits: { cpu: '100m', memory: '100Mi' } } : readResources(resources)
  return refusingAt(place, names, () =>
    definitionFrom({
      retryLimit: 1,
      ttlSecondsAfterFinish: 60,
      maxExecutionSeconds: longest,
      ...configuredResources(least),
      ...defined(readShared(place)),
      image: imageFrom(place),
      command: place.member('Command')?.texts(),
      imagesWhitelist: place.member('ImagesWhitelist')?.texts(),
      visibility: place.member('Visibility')?.oneOf(['Public', 'Private']) === 'Public' ? 'public' : 'private',
      parallelism: place.member('NumberParallelJob')?.integer() ?? 1,
      name: name.toLowerCase(),
    }),
  )
}

/**
 * An entry of `Schedules`, which is also the body of `POST /job-schedules/<name>`, and which of its resources were lowered.
 * @throws DocumentError
 */
export function readSchedule(
  definition: JobDefinition,
  place: Place,
): SlimFaasSchedule & Pick<SlimFaasOverrides, 'lowered'> {
  const schedule = place.needed('Schedule', 'when to run, such as 0 0 * * *').text()
  // What cannot be run is refused now, and not at night.
  const { overrides, lowered } = overridesOf(definition, readMembers(place, ['Schedule']), place)
  return { jobName: definition.name, schedule, overrides, lowered }
}

/**
 * The body of `POST /job/<name>`.
 * @throws DocumentError
 */
export function readRequest(place: Place): SlimFaasRequest {
  return readMembers(place, [])
}

function readMembers(place: Place, more: readonly string[]): SlimFaasRequest {
  place.only([...shared, 'Args', ...more])
  return {
    image: imageFrom(place),
    resources: readResources(place.member('Resources')),
    overrides: refusingAt(place, names, () => ({
      ...readShared(place),
      arguments: place.member('Args')?.texts() ?? [],
    })),
  }
}

function readShared(place: Place): Overrides {
  // Kubernetes starts a failed program again in the old pod or in a new one; here every try is a new program.
  place.member('RestartPolicy')?.oneOf(['Never', 'OnFailure'])
  return {
    retryLimit: place.member('BackoffLimit')?.integer(),
    ttlSecondsAfterFinish: place.member('TtlSecondsAfterFinished')?.integer(),
    environment: place.member('Environments')?.items().map(readVariable),
    dependsOn: place.member('DependsOn')?.texts(),
  }
}

/** Empty means none. */
function imageFrom(place: Place): string | undefined {
  const image = place.member('Image')?.text()
  return image === '' ? undefined : image
}

/** What a run says instead of its definition, and which of its resources were lowered to what is configured. */
export interface SlimFaasOverrides {
  readonly overrides: Overrides
  readonly lowered: readonly string[]
}

/**
 * A request's overrides for a definition: an image has to be the configured or a listed one, and resources are never above the
 * configured ones.
 * @throws DocumentError for what the definition does not allow
 */
export function overridesOf(definition: JobDefinition, request: SlimFaasRequest, place: Place): SlimFaasOverrides {
  const { image } = request
  if (image !== undefined && image !== definition.image && !isListed(image, definition.imagesWhitelist))
    throw new DocumentError(
      place.pathOf('Image'),
      `Expected \`${place.pathOf('Image')}\` to be the configured image or one of ImagesWhitelist, got ${JSON.stringify(image)}`,
    )
  const { requests, limits } = request.resources
  const least =
    definition.slimFaas && (requests ?? limits) ? lowered(definition.slimFaas, request.resources) : undefined
  const overrides = defined({ ...request.overrides, ...least?.resources, image })
  refusingAt(place, names, () => mergeDefinition(definition, overrides))
  return { overrides, lowered: least?.lowered ?? [] }
}

/** A definition as an entry of `Configurations`; {@link readConfiguration} reads the same from it, if it was one. */
export function writeConfiguration(definition: JobDefinition): JsonObject {
  const { image, command, visibility, parallelism, slimFaas } = definition
  return {
    ...(image === undefined ? {} : { Image: image }),
    ...(command.length === 0 ? {} : { Command: [...command] }),
    ImagesWhitelist: [...definition.imagesWhitelist],
    ...(slimFaas ? { Resources: { Requests: { ...slimFaas.requests }, Limits: { ...slimFaas.limits } } } : {}),
    DependsOn: [...definition.dependsOn],
    Environments: definition.environment.flatMap((entry) => writeVariable(entry) ?? []),
    BackoffLimit: definition.retryLimit,
    Visibility: visibility === 'public' ? 'Public' : 'Private',
    ...(parallelism === undefined ? {} : { NumberParallelJob: parallelism }),
    TtlSecondsAfterFinished: definition.ttlSecondsAfterFinish,
    RestartPolicy: 'Never',
  }
}
