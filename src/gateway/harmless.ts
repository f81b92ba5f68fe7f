import { isDeepStrictEqual } from 'node:util'
import { RemoteJobError } from '../errors.ts'
import type { EnvironmentEntry } from '../runs/definition/environment-entry.ts'
import type { JobDefinition, Overrides } from '../runs/definition/job-definition.ts'
import { isListed } from '../runs/definition/whitelist.ts'

/** What a run says otherwise than its job, as far as it decides what program is run, what that is told, and whom workers call. */
export type Wishes = Pick<Overrides, 'image' | 'imagesWhitelist' | 'command' | 'mounts' | 'environment' | 'dependsOn'>

/**
 * The one rule of what a run may say otherwise than its job when its caller may not do everything, in whichever vocabulary: no program
 * and no image that the job does not have or allow; no secrets and config maps, and no addresses that workers would then call, beside
 * its own; and for a program of the worker's own machine no variables beside its own, since some make other programs of it
 * (`NODE_OPTIONS`, `LD_PRELOAD`). What the job has itself may be said again.
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function expectHarmless(job: JobDefinition, wishes: Wishes): void {
  const { image, command, imagesWhitelist = [], mounts = [], environment = [], dependsOn = [] } = wishes
  if (image !== undefined && image !== job.image && !isListed(image, job.imagesWhitelist))
    throw refusal('image', "the job's, or one that it allows", image)
  const pattern = imagesWhitelist.find((one) => !job.imagesWhitelist.includes(one))
  if (pattern !== undefined) throw refusal('imagesWhitelist', 'no longer than that of the job itself', pattern)
  if (command !== undefined && !isDeepStrictEqual(command, job.command))
    throw refusal('command', "the job's", 'another')
  const mount = mounts.find((one) => !isIn(one, job.mounts))
  if (mount) throw refusal('mounts', 'folders that the job itself has', mount.directory)
  for (const entry of environment) expectHarmlessEntry(job, entry)
  const url = dependsOn.find((one) => one.includes('://') && !job.dependsOn.includes(one))
  if (url !== undefined) throw refusal('dependsOn', 'names, or URLs that the job itself has', 'another URL')
}

function expectHarmlessEntry({ image, environment }: JobDefinition, entry: EnvironmentEntry): void {
  if (entry.kind === 'literal') {
    if (image !== undefined || environment.some((own) => own.kind !== 'all' && own.name === entry.name)) return
    throw refusal('environment', 'variables that the job itself has, since it is no container', entry.name)
  }
  if (isIn(entry, environment)) return
  throw refusal('environment', `values, or a ${entry.from} that the job itself has`, entry.reference)
}

const isIn = (one: unknown, all: readonly unknown[]): boolean => all.some((other) => isDeepStrictEqual(other, one))

function refusal(member: string, expected: string, got: string): RemoteJobError {
  return new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${member}\` to be ${expected}, got ${got}: more takes a token with the scope "admin"`,
  )
}
