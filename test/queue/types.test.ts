import { Readable } from 'node:stream'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type ErrorCode,
  isRemoteJobError,
  type Job,
  JobFailedError,
  type JobHandle,
  type JobResult,
  type JobStatus,
  type JobSummary,
  type JsonObject,
  type JsonValue,
  Queue,
  RemoteJobError,
  type StoredObject,
} from '../../src/index.ts'
import { programHandler } from '../../src/runs.ts'

/** What is asked in here is asked of the compiler, by `npm run check`; none of it is run. */
function compiled(check: () => unknown): void {
  expect(check).toBeTypeOf('function')
}

describe('the types', () => {
  const plain = new Queue('thumbs')
  const typed = new Queue<{ width: number; mode?: 'fit' | 'fill' }>('thumbs')
  const schema = v.object({
    due: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
    mode: v.optional(v.string(), 'fit'),
  })
  const checked = new Queue('thumbs', { metadata: schema })

  test('a program does the jobs of a queue whatever its metadata is', () =>
    compiled(() => [plain, typed, checked].map((queue) => queue.work(programHandler({ command: 'true' })))))

  test('metadata is typed by the type argument', () =>
    compiled(() => {
      expectTypeOf(typed.next()).toEqualTypeOf<Promise<Job<{ width: number; mode?: 'fit' | 'fill' }>>>()
      void typed.submit({ width: 1, body: 'x', key: 'y' }, { id: 'z' })
      // @ts-expect-error a member is missing
      void typed.submit({ body: 'x' })
      // @ts-expect-error a member has another type
      void typed.submit({ width: 'wide' })
      // @ts-expect-error no body
      void typed.submit({ width: 1, body: 5 })
      // @ts-expect-error no such option
      void typed.submit({ width: 1 }, { delay: 5 })
    }))

  test('a schema types what a requester gives by its input, what a worker gets by its output', () =>
    compiled(() => {
      expectTypeOf(checked).toEqualTypeOf<
        Queue<{ due: Date; mode: string }, { due: string; mode?: string | undefined }>
      >()
      expectTypeOf(checked.next()).resolves.toHaveProperty('metadata').toEqualTypeOf<{ due: Date; mode: string }>()
      void checked.submit({ due: '2026-11-22', body: new Uint8Array() })
      // @ts-expect-error the output is not the input
      void checked.submit({ due: new Date() })
    }))

  test('what a failed job handed back is typed for whoever catches its error', () =>
    compiled(() => {
      const read = (error: unknown) => error instanceof JobFailedError && error.result
      expectTypeOf(read).returns.toEqualTypeOf<JobResult | false>()
    }))

  test('without either, metadata is a record of unknown', () =>
    compiled(() => {
      expectTypeOf(plain.next()).resolves.toHaveProperty('metadata').toEqualTypeOf<Record<string, unknown>>()
      expectTypeOf(plain.submit).returns.toEqualTypeOf<Promise<JobHandle>>()
    }))

  test('next gives undefined only to those who set a time', () =>
    compiled(() => {
      expectTypeOf(plain.next('pending')).resolves.toEqualTypeOf<Job>()
      expectTypeOf(plain.next('pending', { signal: AbortSignal.abort() })).resolves.toEqualTypeOf<Job>()
      expectTypeOf(plain.next('pending', { waitSeconds: 5 })).resolves.toEqualTypeOf<Job | undefined>()
      expectTypeOf(plain.next(undefined, { waitSeconds: 5, signal: AbortSignal.abort() })).resolves.toEqualTypeOf<
        Job | undefined
      >()
      expectTypeOf(plain.jobs()).toEqualTypeOf<AsyncGenerator<Job, void, undefined>>()
    }))

  test('results, statuses and stored objects', () =>
    compiled(() => {
      expectTypeOf(plain.result('x')).resolves.toEqualTypeOf<JobResult>()
      expectTypeOf<JobResult['value']>().toEqualTypeOf<JsonValue | undefined>()
      expectTypeOf<JobResult['assets'][string]>().toEqualTypeOf<StoredObject>()
      expectTypeOf(plain.status('x')).resolves.toEqualTypeOf<JobStatus | undefined>()
      expectTypeOf<JobStatus>().toEqualTypeOf<'pending' | 'active' | 'completed' | 'failed' | 'cancelled' | 'expired'>()
      expectTypeOf(plain.retrieve('x')).resolves.toEqualTypeOf<StoredObject<JsonObject>>()
      expectTypeOf(plain.list()).toEqualTypeOf<AsyncGenerator<JobSummary, void, undefined>>()
      expectTypeOf(plain.cancel('x')).resolves.toEqualTypeOf<boolean>()
    }))

  test('complete takes one asset, an array, an object, and a value beside them', () =>
    compiled(() => {
      return async (job: Job): Promise<void> => {
        await job.complete()
        await job.complete({ body: 'x' })
        await job.complete([
          { key: 'a', body: 'x' },
          { key: 'b', body: Buffer.from('x') },
        ])
        await job.complete({
          a: 'x',
          b: { body: Readable.from([]), filename: 'b.png' },
          c: new Blob([]),
          d: new ReadableStream(),
        })
        await job.complete({ value: { any: ['thing'] }, assets: { a: 'x' } })
        await job.complete(null, [{ body: 'x' }])
        await job.complete(new Error('no'), { log: 'x' })
        await job.fail(new Error('no'), { log: 'x' })
        await job.release({ delaySeconds: 5, counted: false })
        expectTypeOf(job.createReadStream('output')).toEqualTypeOf<Readable>()
        expectTypeOf(job.json()).resolves.toBeUnknown()
      }
    }))

  test('jobs, holds and queues are disposable', () =>
    compiled(() => {
      expectTypeOf(plain).toExtend<AsyncDisposable>()
      expectTypeOf<Job>().toExtend<AsyncDisposable>()
      expectTypeOf<Job['hold']>().returns.toEqualTypeOf<AsyncDisposable>()
    }))

  test('an error is narrowed by isRemoteJobError, its code a union to switch on', () =>
    compiled(() => {
      const error: unknown = new RemoteJobError('NOT_FOUND', 'x')
      if (isRemoteJobError(error)) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>()
      expectTypeOf<
        | 'UNKNOWN_STATUS'
        | 'NOT_FOUND'
        | 'JOB_NOT_FOUND'
        | 'ALREADY_SETTLED'
        | 'JOB_FAILED'
        | 'JOB_CANCELLED'
        | 'JOB_EXPIRED'
        | 'ID_IN_USE'
        | 'INPUT_CHANGED'
        | 'RESULT_EXPIRED'
        | 'LEASE_LOST'
        | 'UNSUPPORTED'
        | 'INVALID_ARGUMENT'
        | 'MALFORMED_MESSAGE'
        | 'ACCESS_DENIED'
        | 'UNAVAILABLE'
      >().toExtend<ErrorCode>()
    }))
})
