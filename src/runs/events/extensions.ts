import { refusal } from '../definition/refuse.ts'

/** Attributes of every event, and what programs of runs are told beside: an extension is none of them. */
const taken: ReadonlySet<string> = new Set([
  'data',
  'datacontenttype',
  'dataschema',
  'domain',
  'id',
  'job',
  'jobrun',
  'region',
  'source',
  'specversion',
  'subdomain',
  'subject',
  'time',
  'type',
])

const mostBytes = 4096

/**
 * Further attributes of a subscription's events, `CE_<NAME>` to the program. Names are letters and digits, as CloudEvents has them:
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#attribute-naming-convention
 * @throws RemoteJobError `INVALID_ARGUMENT`
 */
export function checkExtensions(extensions: Readonly<Record<string, string>>): void {
  const names = Object.keys(extensions)
  for (const [name, value] of Object.entries(extensions)) {
    if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name))
      throw refusal('extensions', 'NAME=VALUE with a name of letters and digits', name)
    if (taken.has(name.toLowerCase())) throw refusal('extensions', 'other attributes than those of every event', name)
    if (names.some((other) => other !== name && other.toLowerCase() === name.toLowerCase()))
      throw refusal('extensions', 'names that differ in more than their case', name)
    if (typeof value !== 'string' || value.includes('\0') || Buffer.byteLength(value) > mostBytes)
      throw refusal(`extensions.${name}`, `text of at most ${mostBytes} bytes without NUL`, value)
  }
}
