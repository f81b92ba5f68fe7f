import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIndexes, parseIndexes } from '../../../src/runs/definition/array-indexes.ts'
import { definitionFrom } from '../../../src/runs/definition/merge.ts'
import { readJobRun } from '../../../src/runs/vocabularies/code-engine-job.ts'
import { writeJobRun, type WrittenIndex } from '../../../src/runs/vocabularies/code-engine-run.ts'
import { Place } from '../../../src/runs/vocabularies/document.ts'

const definition = definitionFrom({ name: 'sum', command: ['sum'] })
const submittedAt = new Date('2026-01-31T08:00:00Z')

/** A run whose indexes are there. */
function runOf(indexes: readonly WrittenIndex[], finishedAt?: Date) {
  const of = (wanted: string) =>
    formatIndexes(indexes.filter(({ status }) => status === wanted).map(({ index }) => index))
  const [pending, running, succeeded, failed] = [of('pending'), of('running'), of('succeeded'), of('failed')]
  return writeJobRun({
    name: 'run-1',
    jobName: 'sum',
    definition,
    status: 'running',
    submittedAt,
    finishedAt,
    indexes,
    pending,
    running,
    succeeded,
    failed,
  })
}

test('a run is written as the API of Code Engine shows it', () => {
  const startedAt = new Date('2026-01-31T08:00:01Z')
  const finishedAt = new Date('2026-01-31T08:00:09Z')
  const run = runOf(
    [
      { index: 1, status: 'failed', retries: 3, lastFailureReason: 'OOMKilled', startedAt, finishedAt },
      { index: 2, status: 'succeeded', retries: 0, lastFailureReason: undefined, startedAt: finishedAt, finishedAt },
      { index: 9, status: 'pending', retries: 0, lastFailureReason: undefined },
    ],
    finishedAt,
  )
  expect(run).toMatchObject({
    name: 'run-1',
    job_name: 'sum',
    resource_type: 'job_run_v2',
    created_at: '2026-01-31T08:00:00.000Z',
    run_commands: ['sum'],
    scale_retry_limit: 3,
    status: 'running',
  })
  expect(run['status_details']).toEqual({
    start_time: '2026-01-31T08:00:01.000Z',
    completion_time: '2026-01-31T08:00:09.000Z',
    requested: 0,
    pending: 1,
    pending_indices: '9',
    running: 0,
    succeeded: 1,
    succeeded_indices: '2',
    failed: 1,
    failed_indices: '1',
    unknown: 0,
    indices_details: {
      1: {
        status: 'failed',
        retries: 3,
        last_failure_reason: 'OOMKilled',
        started_at: '2026-01-31T08:00:01.000Z',
        finished_at: '2026-01-31T08:00:09.000Z',
      },
      2: {
        status: 'succeeded',
        retries: 0,
        started_at: '2026-01-31T08:00:09.000Z',
        finished_at: '2026-01-31T08:00:09.000Z',
      },
      9: { status: 'pending', retries: 0 },
    },
  })
})

test('its counts are those of its indexes, and what it says of itself can be submitted again', () => {
  const status = fc.constantFrom('pending' as const, 'running' as const, 'succeeded' as const, 'failed' as const)
  const index = fc.record({
    index: fc.nat(9999),
    status,
    retries: fc.nat(5),
    lastFailureReason: fc.constant(undefined),
  })
  fc.assert(
    fc.property(fc.uniqueArray(index, { selector: (one) => one.index }), (indexes) => {
      const run: unknown = JSON.parse(JSON.stringify(runOf(indexes)))
      const details = new Place(run).needed('status_details', '')
      for (const one of ['pending', 'running', 'succeeded', 'failed']) {
        const wanted = indexes.filter((each) => each.status === one).map((each) => each.index)
        expect(details.member(one)?.value).toBe(wanted.length)
        const listed = details.member(`${one}_indices`)?.text()
        expect(listed === undefined ? [] : parseIndexes(listed)).toEqual(wanted.toSorted((a, b) => a - b))
      }
      expect(readJobRun(new Place(run))).toMatchObject({
        runName: 'run-1',
        jobName: 'sum',
        overrides: { command: ['sum'] },
      })
    }),
  )
})
