import type { ProvisionStep, Role } from '../admin.ts'
import { jsonFrom } from '../protocol/json.ts'
import type { Place } from './place.ts'
import type { Session } from './session.ts'
import { note } from './terminal.ts'

/** What `provision` is told. */
export interface ProvisionOptions extends Place {
  readonly dryRun?: boolean | undefined
  readonly attempts?: number | undefined
  readonly lease?: number | undefined
}

/** Makes what a queue needs, or says what it would make. */
export async function provisionQueue(session: Session, name: string, options: ProvisionOptions): Promise<void> {
  const { provision, provisionPlan } = await import('../admin.ts')
  const { dryRun, attempts, lease, ...place } = options
  const where = { ...(await session.options(place)), attempts, leaseSeconds: lease }
  const steps = await (dryRun ? provisionPlan(name, where) : provision(name, where))
  await session.print({
    data: steps.map(dataOf),
    table: {
      columns: ['ACTION', 'KIND', 'NAME', 'DIFFERENCES'],
      rows: steps.map((step) => [dryRun ? step.action : past[step.action], step.kind, step.name, differencesOf(step)]),
    },
  })
  if (dryRun) note(session.terminal, 'Nothing was made or changed.')
}

const past = { create: 'created', change: 'changed', keep: 'kept', try: 'tried' } as const satisfies Record<
  ProvisionStep['action'],
  string
>

interface PolicySettings extends Place {
  readonly policy: Role
  readonly account?: string | undefined
  readonly runs?: boolean | undefined
}

/** Prints the least that a role has to be granted. */
export async function printPolicy(
  session: Session,
  name: string,
  { policy, account, runs, bucket, prefix, statuses }: PolicySettings,
): Promise<void> {
  const { policyFor } = await import('../admin.ts')
  const { region } = session.globals
  const made = policyFor(policy, name, { account, runs, region, bucket, prefix, statuses })
  await session.print({ data: jsonFrom(made, 'policy'), table: JSON.stringify(made, undefined, 2) })
}

function dataOf({ kind, name, action, settings, differences }: ProvisionStep) {
  return {
    kind,
    name,
    action,
    settings: { ...settings },
    differences: differences.map(({ setting, found, wanted }) => ({ setting, found, wanted })),
  }
}

function differencesOf({ differences }: ProvisionStep): string | undefined {
  if (differences.length === 0) return undefined
  return differences.map(({ setting, found, wanted }) => `${setting}: ${found}, wanted ${wanted}`).join('; ')
}
