import type { Values } from '../../runs/stored/values.ts'
import type { Place } from '../../runs/vocabularies/document.ts'
import { Problem } from '../problem.ts'

/** Code Engine's formats that are values alone: the keys that one has to have, and those that it may have besides. */
const formats = {
  generic: { needed: [], optional: [] },
  basic_auth: { needed: ['username', 'password'], optional: [] },
  hmac_auth: { needed: ['access_key_id', 'secret_access_key'], optional: [] },
  ssh_auth: { needed: ['ssh_key'], optional: ['known_hosts'] },
  tls: { needed: ['tls_cert', 'tls_key'], optional: [] },
} as const satisfies Readonly<Record<string, { needed: readonly string[]; optional: readonly string[] }>>

type SecretFormat = keyof typeof formats

/** What only means something in IBM Cloud, and what does its work here. */
const elsewhere: Readonly<Record<string, string>> = {
  registry: 'log the container engine in on the workers’ machines',
  service_access: 'put the service’s credentials into a generic secret',
  service_operator: 'put the service’s credentials into a generic secret',
}

/**
 * Whether values are of the format that is said.
 * @throws DocumentError, Problem 400
 */
export function checkFormat(place: Place, values: Values): void {
  const said = place.needed('format', `one of ${Object.keys(formats).join(', ')}`)
  const instead = Object.entries(elsewhere).find(([name]) => name === said.value)?.[1]
  if (instead !== undefined) throw said.refusal(`a secret of values: ${instead}`, 'one of IBM Cloud')
  const format = said.oneOf(known)
  const absent = formats[format].needed.find((key) => !Object.hasOwn(values, key))
  if (absent !== undefined) throw new Problem(400, `A secret of the format ${format} has ${absent} in its data`)
}

const known = ['generic', 'basic_auth', 'hmac_auth', 'ssh_auth', 'tls'] as const satisfies readonly SecretFormat[]

/** The format that values with these keys are of: it is not kept, since programs are given the same in each. */
export function formatOf(keys: readonly string[]): { readonly format: SecretFormat; readonly resource_type: string } {
  const fits = (format: SecretFormat): boolean => {
    const { needed, optional } = formats[format]
    const allowed: readonly string[] = [...needed, ...optional]
    return needed.length > 0 && needed.every((key) => keys.includes(key)) && keys.every((key) => allowed.includes(key))
  }
  const format = known.find(fits) ?? 'generic'
  return { format, resource_type: format === 'ssh_auth' ? 'secret_auth_ssh_v2' : `secret_${format}_v2` }
}
