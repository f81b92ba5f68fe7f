import type { ProvisionStep } from '../administration.ts'
import { settingsFrom } from '../lifecycle/settings.ts'
import { type AdminOptions, administer } from './administer.ts'

/**
 * What `provision` would make, change and leave. Nothing is made or changed.
 * @throws RemoteJobError `INVALID_ARGUMENT`, `NO_CREDENTIALS`, `ACCESS_DENIED`, `BUCKET_TAKEN`, `WRONG_REGION`, `UNAVAILABLE`
 */
export async function provisionPlan(name: string, options: AdminOptions = {}): Promise<readonly ProvisionStep[]> {
  const { place } = settingsFrom(name, options)
  return administer(options, ({ administration }) => administration.provisionPlan(place, options))
}

/**
 * Makes what is missing, and changes what has to be otherwise; as often as wanted. Tells what was planned just before, and is done now.
 * @throws RemoteJobError the same, and `CONDITIONAL_WRITES_IGNORED`
 */
export async function provision(name: string, options: AdminOptions = {}): Promise<readonly ProvisionStep[]> {
  const { place } = settingsFrom(name, options)
  return administer(options, async ({ administration, backend }) => {
    const plan = await administration.provisionPlan(place, options)
    options.signal?.throwIfAborted()
    const opened = backend.open({ ...place, provision: 'auto' })
    try {
      await opened.ready()
    } finally {
      await opened.close()
    }
    return plan
  })
}
