import type { JobDefinition } from '../definition/job-definition.ts'
import { readJob } from './code-engine-job.ts'
import { Place } from './document.ts'
import {
  overridesOf,
  readConfiguration,
  readRequest,
  readSchedule,
  type SlimFaasConfiguration,
  type SlimFaasOverrides,
  type SlimFaasSchedule,
} from './slimfaas.ts'

/**
 * The definition that a job of Code Engine is, as version 2 of its API shows it.
 * @throws DocumentError
 */
export function codeEngineJob(value: unknown): JobDefinition {
  return readJob(new Place(value))
}

/**
 * The definitions and schedules in a configuration of SlimFaas: `{ Configurations: { … }, Schedules: { … } }`.
 * @throws DocumentError
 */
export function slimFaasConfiguration(value: unknown): SlimFaasConfiguration {
  return readConfiguration(new Place(value))
}

/**
 * What the body of SlimFaas's `POST /job/<name>` says instead of the job's definition.
 * @throws DocumentError, also for an image that the definition does not allow
 */
export function slimFaasOverrides(definition: JobDefinition, body: unknown): SlimFaasOverrides {
  const place = new Place(body)
  return overridesOf(definition, readRequest(place), place)
}

/**
 * What the body of SlimFaas's `POST /job-schedules/<name>` says: when, and what instead of the job's definition.
 * @throws DocumentError, also for an image that the definition does not allow
 */
export function slimFaasSchedule(definition: JobDefinition, body: unknown): SlimFaasSchedule & SlimFaasOverrides {
  return readSchedule(definition, new Place(body))
}
