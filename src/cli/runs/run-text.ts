import type { IndexState, RunState } from '../../runs.ts'
import { instanceName } from '../../runs/arrays/run-keys.ts'
import { parseIndexes } from '../../runs/definition/array-indexes.ts'
import { drawTable, type Table } from '../output/table.ts'
import { spanText, timeText } from '../output/time.ts'

/** A run for people to read: what it is, where it is, and each of its instances. */
export async function runText(state: RunState, stream: NodeJS.WriteStream): Promise<string> {
  const rows = factsOf(state).flatMap(([what, value]) => (value === undefined || value === '' ? [] : [[what, value]]))
  const facts = await drawTable({ columns: ['Property', 'Value'], rows }, stream)
  return `${facts}\n\n${await drawTable(instancesOf(state), stream)}`
}

function factsOf(state: RunState): readonly (readonly [string, string | undefined])[] {
  const { name, job, status, submittedAt, finishedAt, definition } = state
  const { image, command, arguments: words, mode, arrayIndexes, arraySizeOverride, retryLimit } = definition
  return [
    ['Name', name],
    ['Job', job],
    ['Status', status],
    ['Submitted', timeText(submittedAt)],
    ['Finished', timeText(finishedAt)],
    ['Image', image],
    [
      'Program',
      [...command, ...words].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' '),
    ],
    ['Mode', mode],
    ['Array indexes', arrayIndexes],
    ['Array size', String(arraySizeOverride ?? parseIndexes(arrayIndexes).length)],
    ...(mode === 'task'
      ? ([
          ['Retry limit', String(retryLimit)],
          ['Maximum execution time', `${definition.maxExecutionSeconds} s`],
        ] as const)
      : []),
    ['Pending', state.pending],
    ['Running', state.running],
    ['Succeeded', state.succeeded],
    ['Failed', state.failed],
  ]
}

function instancesOf({ name, indexes }: RunState): Table {
  return {
    columns: ['Name', 'Running', 'Status', 'Restarts', 'Age', 'Reason'],
    rows: indexes.map((one) => [
      instanceName(name, one.index, one.retries),
      one.status === 'running' ? '1/1' : '0/1',
      one.status,
      String(one.retries),
      ageOf(one),
      one.lastFailureReason,
    ]),
  }
}

function ageOf({ startedAt }: IndexState): string | undefined {
  return startedAt && spanText((Date.now() - startedAt.getTime()) / 1000)
}
