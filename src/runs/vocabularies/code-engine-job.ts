import type { JsonObject, JsonValue } from '../../protocol/json.ts'
import { defaultDefinition, type JobDefinition, type Overrides } from '../definition/job-definition.ts'
import { definitionFrom } from '../definition/merge.ts'
import { formatSize, parseCpu, parseSize } from '../definition/resources.ts'
import { readMount, readVariable, writeMount, writeVariable } from './code-engine-environment.ts'
import { inWordsOf, type MemberNames, type Place, refusingAt } from './document.ts'

/** The members of a job and of a run in version 2 of Code Engine's API. Those that it does not have are in an object of our own. */
const names = {
  name: 'name',
  image: 'image_reference',
  command: 'run_commands',
  arguments: 'run_arguments',
  environment: 'run_env_variables',
  mounts: 'run_volume_mounts',
  mode: 'run_mode',
  arrayIndexes: 'scale_array_spec',
  arraySizeOverride: 'scale_array_size_variable_override',
  cpu: 'scale_cpu_limit',
  memory: 'scale_memory_limit',
  ephemeralStorage: 'scale_ephemeral_storage_limit',
  retryLimit: 'scale_retry_limit',
  maxExecutionSeconds: 'scale_max_execution_time',
  parallelism: 'remotejob.parallelism',
  dependsOn: 'remotejob.depends_on',
  visibility: 'remotejob.visibility',
  imagesWhitelist: 'remotejob.images_whitelist',
  ttlSecondsAfterFinish: 'remotejob.ttl_seconds_after_finish',
} as const satisfies MemberNames

/** What the server says of a job and nobody can set. */
const told = [
  'id',
  'href',
  'region',
  'project_id',
  'created_at',
  'entity_tag',
  'computed_env_variables',
  'resource_type',
  'status',
  'status_details',
]
/** What has no meaning here, with the values that change nothing. */
const without: Readonly<Record<string, readonly JsonValue[]>> = {
  image_secret: [],
  run_as_user: [0],
  run_compute_resource_token_enabled: [false],
  run_service_account: ['default', 'none'],
}

/**
 * A job as Code Engine's API shows it.
 * @throws DocumentError
 */
export function readJob(place: Place): JobDefinition {
  return refusingAt(place, names, () => {
    const given = readOverrides(place, ['name'])
    return definitionFrom({ ...given, name: place.needed('name', 'the job’s name').text() })
  })
}

/** What a run says: of which job it is, what it is called, and what it says instead of the job. */
export interface ReadRun {
  readonly runName?: string | undefined
  readonly jobName?: string | undefined
  readonly overrides: Overrides
}

/**
 * The request for a run, as Code Engine's API takes it.
 * @throws DocumentError
 */
export function readJobRun(place: Place): ReadRun {
  const [runName, jobName] = [place.member('name')?.text(), place.member('job_name')?.text()]
  return { runName, jobName, overrides: refusingAt(place, names, () => readOverrides(place, ['name', 'job_name'])) }
}

/** A refusal of what {@link readJobRun} read, in the words of the request. */
export function runRefusal(place: Place, error: unknown): unknown {
  return inWordsOf(place, { ...names, runName: 'name', job: 'job_name' }, error)
}

function readOverrides(place: Place, more: readonly string[]): Overrides {
  const known = Object.values(names).filter((name) => !name.includes('.'))
  place.only([...known, ...more, 'remotejob', ...told, ...Object.keys(without)])
  for (const [name, harmless] of Object.entries(without)) {
    const found = place.member(name)
    if (found && !harmless.some((one) => one === found.value))
      throw found.refusal('left out, since programs run as their worker does, with its rights', 'a value')
  }
  return {
    // Empty where a client needs to say something and there is none.
    image: place.member(names.image)?.text() || undefined,
    command: place.member(names.command)?.texts(),
    arguments: place.member(names.arguments)?.texts(),
    environment: place.member(names.environment)?.items().map(readVariable),
    mounts: place.member(names.mounts)?.items().map(readMount),
    mode: place.member(names.mode)?.oneOf(['task', 'daemon']),
    arrayIndexes: place.member(names.arrayIndexes)?.text(),
    arraySizeOverride: place.member(names.arraySizeOverride)?.integer(),
    retryLimit: place.member(names.retryLimit)?.integer(),
    maxExecutionSeconds: place.member(names.maxExecutionSeconds)?.integer(),
    ...readScale(place),
    ...readOwn(place.member('remotejob')),
  }
}

function readScale(place: Place): Overrides {
  const cpu = place.member(names.cpu)
  const [memory, storage] = [place.member(names.memory), place.member(names.ephemeralStorage)]
  return {
    cpu: cpu && parseCpu(cpu.text(), cpu.path),
    memory: memory && parseSize(memory.text(), memory.path),
    ephemeralStorage: storage && parseSize(storage.text(), storage.path),
  }
}

/** What only we have. */
function readOwn(place: Place | undefined): Overrides {
  place?.only([
    'parallelism',
    'depends_on',
    'visibility',
    'images_whitelist',
    'ttl_seconds_after_finish',
    'slimfaas',
    'updated_at',
  ])
  const slimFaas = place?.member('slimfaas')
  const quantities = (name: string) =>
    Object.fromEntries((slimFaas?.member(name)?.members() ?? []).map(([key, value]) => [key, value.text()]))
  return {
    parallelism: place?.member('parallelism')?.integer(),
    dependsOn: place?.member('depends_on')?.texts(),
    visibility: place?.member('visibility')?.oneOf(['public', 'private']),
    imagesWhitelist: place?.member('images_whitelist')?.texts(),
    ttlSecondsAfterFinish: place?.member('ttl_seconds_after_finish')?.integer(),
    slimFaas: slimFaas && { requests: quantities('requests'), limits: quantities('limits') },
  }
}

/** A stored job. */
export interface WrittenJob {
  readonly definition: JobDefinition
  readonly version: number
  readonly updatedAt: Date
}

/** A job as Code Engine's API shows it; {@link readJob} reads the same definition from it. */
export function writeJob({ definition, version, updatedAt }: WrittenJob): JsonObject {
  return {
    name: definition.name,
    entity_tag: String(version),
    resource_type: 'job_v2',
    ...writeDefinition(definition, { updated_at: updatedAt.toISOString() }),
  }
}

/** What a job and a run have in common. */
export function writeDefinition(definition: JobDefinition, own: JsonObject = {}): JsonObject {
  const { mode, image, arraySizeOverride } = definition
  return {
    ...(image === undefined ? {} : { [names.image]: image }),
    [names.command]: [...definition.command],
    [names.arguments]: [...definition.arguments],
    [names.environment]: definition.environment.map(writeVariable),
    [names.mounts]: definition.mounts.map(writeMount),
    [names.mode]: mode,
    [names.arrayIndexes]: definition.arrayIndexes,
    ...(arraySizeOverride === undefined ? {} : { [names.arraySizeOverride]: arraySizeOverride }),
    [names.cpu]: String(definition.cpu),
    [names.memory]: formatSize(definition.memory),
    [names.ephemeralStorage]: formatSize(definition.ephemeralStorage),
    ...(mode === 'daemon'
      ? {}
      : {
          [names.retryLimit]: definition.retryLimit,
          [names.maxExecutionSeconds]: definition.maxExecutionSeconds,
        }),
    remotejob: { ...own, ...writeOwn(definition) },
  }
}

function writeOwn({
  parallelism,
  dependsOn,
  visibility,
  imagesWhitelist,
  ttlSecondsAfterFinish,
  slimFaas,
}: JobDefinition): JsonObject {
  return {
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(dependsOn.length === 0 ? {} : { depends_on: [...dependsOn] }),
    ...(visibility === defaultDefinition.visibility ? {} : { visibility }),
    ...(imagesWhitelist.length === 0 ? {} : { images_whitelist: [...imagesWhitelist] }),
    ttl_seconds_after_finish: ttlSecondsAfterFinish,
    ...(slimFaas ? { slimfaas: { requests: { ...slimFaas.requests }, limits: { ...slimFaas.limits } } } : {}),
  }
}
