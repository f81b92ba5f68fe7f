import type { Difference, ProvisionStep } from '../administration.ts'
import type { Place } from '../backend.ts'
import type { Database } from './database.ts'
import { retentionSteps } from '../retention-steps.ts'
import { maybeNumberOf, maybeTextOf, numberOf, type Row } from './row.ts'

/** What there is of a place, and what is to be made. Without a database all is. */
export function provisionPlan(database: Database | undefined, place: Place): readonly ProvisionStep[] {
  const bucket = database?.sql('SELECT 1 FROM buckets WHERE name = ?').get(place.bucket)
  const queues = [...place.queues.values(), place.deadLetterQueue].map((name) => {
    return { name, row: database?.sql('SELECT dead_letter_queue, max_receives FROM queues WHERE name = ?').get(name) }
  })
  const pending = queues.filter(({ name }) => name === place.pendingQueue)
  return [
    step('bucket', place.bucket, bucket !== undefined),
    ...retentionSteps(place, (prefix) => daysOf(database, place.bucket, prefix)),
    ...queues.map(({ name, row }) => step('queue', name, row !== undefined)),
    ...pending.map(({ name, row }) => deadLetterStep(place, name, row)),
  ]
}

function step(kind: ProvisionStep['kind'], name: string, isThere: boolean): ProvisionStep {
  return { kind, name, action: isThere ? 'keep' : 'create', settings: {}, differences: [] }
}

function daysOf(database: Database | undefined, bucket: string, prefix: string): number | undefined {
  const row = database?.sql('SELECT days FROM expiries WHERE bucket = ? AND prefix = ?').get(bucket, prefix)
  return row && numberOf(row, 'days')
}

/** Whether poison goes where it should, after no fewer receives than asked for. */
function deadLetterStep(place: Place, name: string, row: Row | undefined): ProvisionStep {
  const target = row && maybeTextOf(row, 'dead_letter_queue')
  const limit = (row && maybeNumberOf(row, 'max_receives')) ?? 0
  const isEnough = target === place.deadLetterQueue && limit >= place.maxReceives
  const found = { max_receives: String(limit), dead_letter_queue: target ?? '' }
  const settings = { max_receives: String(place.maxReceives), dead_letter_queue: place.deadLetterQueue }
  return {
    kind: 'dead-letter policy',
    name,
    action: isEnough ? 'keep' : target === undefined ? 'create' : 'change',
    settings,
    differences: target === undefined ? [] : differences(found, settings),
  }
}

function differences(found: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): Difference[] {
  return Object.entries(wanted).flatMap(([setting, value]) => {
    const is = found[setting] ?? ''
    return is === value ? [] : [{ setting, found: is, wanted: value }]
  })
}
