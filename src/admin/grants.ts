import type { Grant } from '../administration.ts'
import { policyFor, type Role } from '../aws/administration/policy.ts'
import type { Settings } from '../lifecycle/settings.ts'

/** What roles are granted by their policies, one by one: an action on a folder, the bucket or a queue. */
export function grantsOf(roles: readonly Role[], { name, place, prefix }: Settings): readonly Grant[] {
  // Reply queues come and go: there is none to try.
  const where = { name, place, prefix, region: '*', account: '*', replies: false, runs: false, watches: [] }
  const policies = roles.map((role) => policyFor(role, where))
  const queues = [...place.queues.values(), place.deadLetterQueue]
  const grants = policies
    .flatMap(({ Statement }) => Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().flatMap((resource) => grantsOn(action, resource, queues))),
    )
  return [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()]
}

/** `arn:aws:s3:::bucket/inputs/*` is a folder, `arn:aws:sqs:*:*:thumbs-*` all queues. */
function grantsOn(action: string, resource: string, queues: readonly string[]): Grant[] {
  const name = resource.split(':').at(-1) ?? ''
  if (action.startsWith('sqs:')) {
    return (name.endsWith('*') ? queues : [name]).map((queue) => ({ action, queue }))
  }
  const slash = name.indexOf('/')
  return [slash === -1 ? { action } : { action, folder: name.slice(slash + 1, -1) }]
}
