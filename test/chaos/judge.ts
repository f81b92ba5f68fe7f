import { buffer } from 'node:stream/consumers'
import type { OpenBackend } from '../../src/backend.ts'
import type { Queue } from '../../src/index.ts'
import { parseJson } from '../../src/protocol/json.ts'
import { assetsPrefix, resultKey } from '../../src/protocol/keys.ts'
import { parseRecord, type ResultRecord } from '../../src/protocol/record.ts'
import type { ToldEnd } from './requester.ts'
import type { Task } from './task.ts'

/** Ends that were told and are not those that were written. */
export async function wronglyTold(raw: OpenBackend, ends: readonly ToldEnd[]): Promise<string[]> {
  const faults: string[] = []
  const left = ends.values()
  const lane = async (): Promise<void> => {
    for (const end of left) faults.push(...faultsOf(end, await recordOf(raw, end.id)))
  }
  await Promise.all(Array.from({ length: 20 }, lane))
  return faults
}

/** A fair worker takes what the others left: copies of messages whose jobs have ended, and jobs that nobody was promised. */
export async function workOff(
  queue: Queue<Task>,
  raw: OpenBackend,
  names: { readonly pending: string },
): Promise<string[]> {
  for (let rounds = 0; rounds < 20; rounds += 1) {
    // Longer than a lease, so that what dead workers held comes back.
    const job = await queue.next('pending', { waitSeconds: 4 })
    if (job) await job.complete().catch(() => {})
    else if (await isEmpty(raw, names.pending)) return []
  }
  return ['the queue is not empty at the end']
}

/** The jobs whose ends were announced, each announcement taken off. */
export async function announced(queue: Queue<Task>, statuses: readonly string[]): Promise<Set<string>> {
  const ids = new Set<string>()
  const listen = async (status: string): Promise<void> => {
    for (
      let job = await queue.next(status, { waitSeconds: 1 });
      job;
      job = await queue.next(status, { waitSeconds: 1 })
    ) {
      ids.add(job.id)
      await job.acknowledge()
    }
  }
  await Promise.all(statuses.flatMap((status) => Array.from({ length: 20 }, () => listen(status))))
  return ids
}

async function recordOf(raw: OpenBackend, id: string): Promise<ResultRecord | undefined> {
  const reading = await raw.objects.get(resultKey(id))
  return reading && parseRecord(parseJson((await buffer(reading.body)).toString()))
}

function faultsOf({ id, status, result }: ToldEnd, record: ResultRecord | undefined): string[] {
  if (record?.status !== status) return [`job ${id} was told to be ${status}, its record says ${record?.status}`]
  const strange = record.assets.filter(
    ({ key }) => key !== undefined && !key.startsWith(assetsPrefix(id, record.attempt, record.nonce)),
  )
  if (strange.length > 0) return [`the result of job ${id} names another attempt's assets`]
  if (!result) return []
  const told = [
    result.id,
    result.attempt,
    result.value,
    result.finishedAt.getTime(),
    result.error,
    Object.keys(result.assets),
  ]
  const stands = [
    id,
    record.attempt,
    record.value,
    record.finishedAt,
    record.error,
    record.assets.map(({ name }) => name),
  ]
  return JSON.stringify(told) === JSON.stringify(stands)
    ? []
    : [`job ${id} was told with another end than its record's`]
}

async function isEmpty(raw: OpenBackend, name: string): Promise<boolean> {
  return (await raw.queue(name).receive({ max: 10, waitSeconds: 0, leaseSeconds: 0 })).length === 0
}
