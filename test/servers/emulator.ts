import { EventEmitter, once } from 'node:events'
import { type Fault, Faults } from './faults.ts'
import { startFauxqsOnLoopback } from './fauxqs.ts'
import { type Interposer, startProxy } from './proxy.ts'
import type { RecordedRequest } from './request.ts'

export type { Answer, Fault } from './faults.ts'
export type { RecordedRequest } from './request.ts'

/**
 * S3 and SQS for tests: fauxqs in this process, behind a proxy on 127.0.0.1 that decides conditional writes and lists in the
 * order of bytes as S3 does, records every request, and fails those it is told to.
 *
 * ```ts
 * const emulator = await startEmulator()
 * const queue = new Queue('thumbs', { ...emulator.options })
 * emulator.fail({ operation: 'PutObject', key: /^results\//, when: 'after', answer: 'drop' })  // written, but nobody is told
 * emulator.fail({ from: 3, times: Infinity, when: 'before', answer: 'drop' })                  // dead from the third request on
 * expect(emulator.count('SendMessage')).toBe(1)
 * emulator.reset()
 * await emulator.close()
 * ```
 */
export interface Emulator {
  /** URL of both services, e.g. `http://127.0.0.1:40123`. */
  readonly endpoint: string
  /** Port of fauxqs itself. */
  readonly innerPort: number
  /** Options of `awsBackend` and `Queue` that lead here: `endpoint`, `region` and fake `credentials`. */
  readonly options: EmulatorOptions
  /** Every request since the start or the last `reset`, in order of arrival, those that were made to fail included. */
  readonly requests: readonly RecordedRequest[]
  /** How many requests of that operation there were, or of all. */
  count(operation?: string): number
  /** Resolves once there have been that many requests of that operation, or in all. */
  until(operation: string | undefined, count: number): Promise<void>
  /** Makes requests fail. Faults are tried in the order they were given; the first that fits a request decides its answer. */
  fail(fault: Fault): void
  /** Whether S3 writes whatever the conditions of a write say, as some servers do. @default false */
  ignoreConditions: boolean
  /** What happens to requests that do not fail. @default they are performed */
  interpose: Interposer
  /** Forgets the recorded requests and the faults; what is stored stays. */
  reset(): void
  close(): Promise<void>
}

export interface EmulatorOptions {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export async function startEmulator(): Promise<Emulator> {
  const fauxqs = await startFauxqsOnLoopback()
  const requests: RecordedRequest[] = []
  const faults = new Faults()
  const arrivals = new EventEmitter()
  const watcher = {
    onRequest(request: RecordedRequest): Fault | undefined {
      requests.push(request)
      arrivals.emit('request')
      return faults.for(request)
    },
    ignoresConditions: () => emulator.ignoreConditions,
    interpose: (...given: Parameters<Interposer>) => emulator.interpose(...given),
  }
  const proxy = await startProxy(fauxqs.port, watcher)
  const emulator: Emulator = {
    endpoint: proxy.endpoint,
    innerPort: fauxqs.port,
    options: {
      endpoint: proxy.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-secret-that-is-none' },
    },
    requests,
    ignoreConditions: false,
    interpose: (request, perform) => perform(request),
    count: (operation) =>
      requests.filter((request) => operation === undefined || request.operation === operation).length,
    async until(operation, count) {
      while (emulator.count(operation) < count) await once(arrivals, 'request')
    },
    fail: (fault) => faults.add(fault),
    reset() {
      requests.length = 0
      faults.clear()
    },
    async close() {
      await proxy.close()
      await fauxqs.stop()
    },
  }
  return emulator
}
