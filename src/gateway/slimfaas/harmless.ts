import { isDeepStrictEqual } from 'node:util'
import { RemoteJobError } from '../../errors.ts'
import type { EnvironmentEntry } from '../../runs/definition/environment-entry.ts'
import type { JobDefinition, Overrides } from '../../runs/definition/job-definition.ts'

/**
 * What only those may say of a job who may everything, though SlimFaas let all: secrets and config maps that its entry does not have
 * itself, addresses that workers would then call, and for a program of the worker's own machine variables that the entry does not have,
 * since some make other programs of it (`NODE_OPTIONS`, `LD_PRELOAD`).
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function expectHarmless(definition: JobDefinition, { environment = [], dependsOn = [] }: Overrides): void {
  const url = dependsOn.find((one) => one.includes('://') && !definition.dependsOn.includes(one))
  if (url !== undefined) throw refusal('DependsOn', 'names, or URLs that the job itself has', 'another URL')
  for (const entry of environment) expectHarmlessEntry(definition, entry)
}

function expectHarmlessEntry({ image, environment }: JobDefinition, entry: EnvironmentEntry): void {
  if (entry.kind === 'literal') {
    if (image !== undefined || environment.some((own) => own.kind !== 'all' && own.name === entry.name)) return
    throw refusal('Environments', 'variables that the job itself has, since it is no container', entry.name)
  }
  if (environment.some((own) => isDeepStrictEqual(own, entry))) return
  throw refusal('Environments', `values, or a ${entry.from} that the job itself has`, entry.reference)
}

function refusal(member: string, expected: string, got: string): RemoteJobError {
  return new RemoteJobError(
    'INVALID_ARGUMENT',
    `Expected \`${member}\` to be ${expected}, got ${got}: more takes a token with the scope "admin"`,
  )
}
