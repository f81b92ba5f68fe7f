import { createHash } from 'node:crypto'
import type { JsonObject } from '../../protocol/json.ts'
import type { Project } from './project.ts'

/** What there is of a kind in a project, below a path of its own. */
export type Kind = 'jobs' | 'job_runs' | 'config_maps' | 'secrets'

/** Something with a name, and when it was made. */
interface Made {
  readonly name: string
  readonly createdAt: Date
}

/** What Code Engine says of everything that is in a project. */
export function resourceMembers(project: Project, kind: Kind, { name, createdAt }: Made): JsonObject {
  return {
    id: idOf([project.queue, kind, name, String(createdAt.getTime())]),
    href: project.href(`${kind}/${encodeURIComponent(name)}`),
    project_id: project.id,
    ...(project.region === undefined ? {} : { region: project.region }),
    created_at: createdAt.toISOString(),
  }
}

/** A UUID (RFC 9562, version 8) that stays the same for as long as the thing is there, and is another one for its successor. */
function idOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
