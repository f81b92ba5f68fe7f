import { hasCode, RemoteJobError } from '../../errors.ts'
import { firstTick, ticksOf } from '../../lifecycle/ticks.ts'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import { readJob } from '../../runs/vocabularies/code-engine-job.ts'
import type { Place } from '../../runs/vocabularies/document.ts'
import { readConfiguration, type SlimFaasSchedule } from '../../runs/vocabularies/slimfaas.ts'
import { parseDocuments, readSource, type Source } from './documents.ts'
import { slimFaasNames } from './slimfaas-sources.ts'

/** What a document describes. */
export interface Described {
  readonly definitions: readonly JobDefinition[]
  readonly schedules: readonly SlimFaasSchedule[]
  /** Jobs that have no other schedules than these. */
  readonly scheduled: readonly string[]
}

/** What documents describe, all together. */
export async function describedIn(sources: readonly Source[]): Promise<Described> {
  return merged(await Promise.all(withoutDeployment(sources).map(describedBy)))
}

/** What a document describes, in whichever words. */
async function describedBy(source: Source): Promise<Described> {
  const { place } = source
  const inner = configMapText(place)
  if (inner !== undefined) return merged(await Promise.all((await parseDocuments(source.name, inner)).map(describedBy)))
  return readSource(source, async () => {
    if (!place.member('Configurations', 'Schedules'))
      return { definitions: jobsIn(place).map(readJob), schedules: [], scheduled: [] }
    const configuration = readConfiguration(place)
    await checkTimes(configuration.schedules)
    return { ...configuration, scheduled: configuration.definitions.map(({ name }) => name) }
  })
}

/** @throws RemoteJobError `INVALID_ARGUMENT` for a time that is none, or never comes */
async function checkTimes(schedules: readonly SlimFaasSchedule[]): Promise<void> {
  for (const { jobName, schedule } of schedules)
    try {
      firstTick(await ticksOf({ cron: schedule, timeZone: 'UTC' }), schedule, Date.now())
    } catch (error) {
      if (!hasCode(error, 'INVALID_ARGUMENT')) throw error
      const why = error.message.replace('`cron`', '`Schedule`')
      throw new RemoteJobError('INVALID_ARGUMENT', `A schedule of "${jobName}": ${why}`, { cause: error })
    }
}

/** Of manifests of Kubernetes that deploy SlimFaas only its configuration describes jobs; other manifests are left to be refused. */
function withoutDeployment(sources: readonly Source[]): readonly Source[] {
  const isDeployment = sources.some(({ place }) => configMapText(place) !== undefined)
  if (!isDeployment) return sources
  return sources.filter(({ place }) => !place.member('kind') || configMapText(place) !== undefined)
}

/** All of several. */
function merged(all: readonly Described[]): Described {
  return {
    definitions: all.flatMap(({ definitions }) => definitions),
    schedules: all.flatMap(({ schedules }) => schedules),
    scheduled: all.flatMap(({ scheduled }) => scheduled),
  }
}

/** One job, a list of them, or the API's answer with a page of them. */
function jobsIn(place: Place): readonly Place[] {
  const list = Array.isArray(place.value) ? place : place.member('jobs')
  const places = list ? list.items() : [place]
  for (const one of places) checkKind(one)
  return places
}

/** Other things that the same tools write. */
function checkKind(place: Place): void {
  const type = place.member('resource_type')
  type?.oneOf(['job_v2'])
  const kind = place.member('kind')
  if (kind)
    throw kind.refusal('left out: jobs are read as version 2 of Code Engine’s API shows them', 'a kind of Kubernetes')
}

/** The configuration of SlimFaas that a config map of Kubernetes holds, as its documentation keeps it. */
function configMapText(place: Place): string | undefined {
  if (place.member('kind')?.value !== 'ConfigMap') return undefined
  return place
    .member('data')
    ?.member(...slimFaasNames)
    ?.text()
}
