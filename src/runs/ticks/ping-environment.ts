import { parseJson } from '../../protocol/json.ts'
import type { Tick } from '../../protocol/schedule-keys.ts'
import type { EnvironmentEntry } from '../definition/environment-entry.ts'

/** What a tick brings along. */
export interface Ping {
  readonly id: string
  readonly tick: Tick
  /** The queue of the runs. */
  readonly project: string
  readonly data: string | undefined
  readonly contentType: string | undefined
  readonly extensions: Readonly<Record<string, string>>
}

/**
 * What a program is told of the tick that it runs for: the variables of a periodic timer's event in IBM Code Engine, and those of the
 * subscription's extensions. The time is the tick's own, also when the run is late.
 */
export function pingEnvironment(ping: Ping): readonly EnvironmentEntry[] {
  const { id, tick, project, data, contentType, extensions } = ping
  const variables = {
    ...Object.fromEntries(Object.entries(extensions).map(([name, value]) => [`CE_${name.toUpperCase()}`, value])),
    CE_ID: id,
    CE_SOURCE: `/apis/v1/namespaces/${project}/pingsources/${tick.schedule}`,
    CE_SPECVERSION: '1.0',
    CE_TYPE: 'dev.knative.sources.ping',
    CE_TIME: tick.at.toISOString(),
    CONTENT_TYPE: contentType,
    CE_DATA: data === undefined ? undefined : dataOf(data),
  }
  return Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [{ kind: 'literal', name, value }],
  )
}

/** Data that is no JSON comes as the body of an object, which is JSON. */
function dataOf(data: string): string {
  return parseJson(data) === undefined ? JSON.stringify({ body: data }) : data
}
