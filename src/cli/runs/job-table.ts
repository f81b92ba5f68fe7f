import type { EnvironmentEntry } from '../../runs/definition/environment-entry.ts'
import { formatSize } from '../../runs/definition/resources.ts'
import type { StoredJob } from '../../runs/stored/jobs.ts'
import type { Table } from '../output/table.ts'
import { timeText } from '../output/time.ts'

/** A job for people to read; what says nothing is left out. */
export function jobTable({ definition, version, updatedAt }: StoredJob): Table {
  const { mode, retryLimit, maxExecutionSeconds } = definition
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    ['Name', definition.name],
    ['Version', `${version}, of ${timeText(updatedAt)}`],
    ['Image', definition.image],
    ['Command', words(definition.command)],
    ['Arguments', words(definition.arguments)],
    ['Mode', mode],
    ['Array indexes', definition.arrayIndexes],
    ['JOB_ARRAY_SIZE', definition.arraySizeOverride],
    ['CPU', definition.cpu],
    ['Memory', formatSize(definition.memory)],
    ['Ephemeral storage', formatSize(definition.ephemeralStorage)],
    ...(mode === 'task'
      ? ([
          ['Retry limit', retryLimit],
          ['Maximum execution time', `${maxExecutionSeconds} s`],
        ] as const)
      : []),
    ['Parallelism', definition.parallelism],
    ['Visibility', definition.visibility],
    ['Time to live', `${definition.ttlSecondsAfterFinish} s`],
    ...definition.dependsOn.map((name) => ['Depends on', name] as const),
    ...definition.imagesWhitelist.map((pattern) => ['Images', pattern] as const),
    ...definition.environment.map((entry) => ['Variable', entryText(entry)] as const),
    ...definition.mounts.map(({ directory, from, name }) => ['Folder', `${directory}: ${from} ${name}`] as const),
  ]
  return {
    columns: ['Property', 'Value'],
    rows: rows.flatMap(([what, value]) => (value === undefined || value === '' ? [] : [[what, String(value)]])),
  }
}

function entryText(entry: EnvironmentEntry): string {
  switch (entry.kind) {
    case 'literal':
      return `${entry.name}=${entry.value}`
    case 'key':
      return `${entry.name}: ${entry.from} ${entry.reference}, key ${entry.key}`
    case 'all':
      return `${entry.prefix}*: ${entry.from} ${entry.reference}`
    default:
      return entry satisfies never
  }
}

/** Words so that one can see where each begins. */
const words = (list: readonly string[]): string =>
  list.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
