import { documentsOf, parseDocuments, type Source } from './documents.ts'

/** Where SlimFaas is told its configuration, in a config map as in the environment: the name of its newer versions, then the older. */
export const slimFaasNames = ['SlimFaas__JobsConfiguration', 'SLIMFAAS_JOBS_CONFIGURATION'] as const

/** The configuration of SlimFaas that the environment holds, or whose file it names; `undefined` where it says nothing of one. */
export async function slimFaasSources(): Promise<readonly Source[] | undefined> {
  const name = slimFaasNames.find((one) => (process.env[one] ?? '').trim() !== '')
  if (name === undefined) return undefined
  const text = process.env[name] ?? ''
  return text.trimStart().startsWith('{') ? parseDocuments(name, text) : documentsOf(text.trim())
}
