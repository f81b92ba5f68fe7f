import type { ProvisionStep } from './administration.ts'
import type { Place } from './backend.ts'

/**
 * What provisioning would do about a place's retention: nothing where nobody asked for it.
 * @param daysOf Days after which objects of a prefix go now
 */
export function retentionSteps(
  { bucket, expiries }: Place,
  daysOf: (prefix: string) => number | undefined,
): readonly ProvisionStep[] {
  if (!expiries) return []
  const found = expiries.map(({ prefix, days }) => ({ prefix, days, is: daysOf(prefix) }))
  const isThere = found.every(({ days, is }) => is === days)
  return [
    {
      kind: 'retention',
      name: bucket,
      action: isThere ? 'keep' : found.every(({ is }) => is === undefined) ? 'create' : 'change',
      settings: Object.fromEntries(expiries.map(({ prefix, days }) => [prefix, String(days)])),
      differences: found.flatMap(({ prefix, days, is }) =>
        is === undefined || is === days ? [] : [{ setting: prefix, found: String(is), wanted: String(days) }],
      ),
    },
  ]
}
