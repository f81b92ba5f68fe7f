import type { Workspace } from '../../lifecycle/workspace.ts'

/** What a worker says of its site. */
export interface Site {
  /** The domain that the project's services are below, as `CE_DOMAIN`. @default empty */
  readonly domain?: string | undefined
  /** Where the project's interface is, as `CE_API_BASE_URL`. @default empty */
  readonly apiBaseUrl?: string | undefined
}

/** What programs are told of where they run, under the names that IBM Code Engine has for it: a queue is a project. */
export async function projectEnvironment(
  { name, home: { bucket, prefix }, region }: Pick<Workspace, 'name' | 'home' | 'region'>,
  { domain = '', apiBaseUrl = '' }: Site,
): Promise<Record<string, string>> {
  return {
    CE_PROJECT_ID: `${bucket}/${prefix}`.replace(/\/+$/, ''),
    CE_REGION: await region(),
    CE_SUBDOMAIN: name,
    CE_DOMAIN: domain,
    CE_API_BASE_URL: apiBaseUrl,
  }
}
