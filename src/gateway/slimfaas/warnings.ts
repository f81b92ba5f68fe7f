import type { JobDefinition } from '../../runs/definition/job-definition.ts'

/** Headers that say which resources are not as they were asked for: `Requests.cpu`, say (RFC 7234 has `Warning`, and 299 for all else). */
export function warningsOf({ slimFaas }: JobDefinition, lowered: readonly string[]): Record<string, string> {
  if (lowered.length === 0) return {}
  return { Warning: lowered.map((name) => warning(sentence(name, slimFaas))).join(', ') }
}

/** One warning, as the header has it. */
export const warning = (text: string): string => `299 - "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`

function sentence(name: string, configured: JobDefinition['slimFaas']): string {
  const [kind, resource = ''] = name.split('.')
  const most = (kind === 'Requests' ? configured?.requests : configured?.limits)?.[resource]
  if (most === undefined) return `Resources.${name} is left out, since it is not configured`
  return `Resources.${name} is lowered to ${most}, the most that is configured`
}
