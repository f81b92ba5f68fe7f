import type { JobResult, Queue, StoredObject, WaitOptions } from '../index.ts'
import { hasCode } from '../errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import { exitCodeOf } from './exit-codes.ts'
import { drawTable } from './output/table.ts'
import { timeText } from './output/time.ts'
import { Problem } from './problem.ts'
import prettyBytes from 'pretty-bytes'

/** How a job ended, for `result` and whatever waits. */
export interface Outcome {
  readonly id: string
  readonly status: string
  /** What was handed back, also by a job that failed; nothing by one that never ran. */
  readonly result: JobResult | undefined
  /** What to say, and exit with, when the job did not complete. */
  readonly problem: Problem | undefined
}

/** Waits for a job's end, which is no error here whatever it is. */
export async function outcomeOf(queue: Queue, id: string, options: WaitOptions): Promise<Outcome> {
  const { JobFailedError } = await import('../index.ts')
  try {
    const result = await queue.result(id, options)
    return { id, status: result.status, result, problem: undefined }
  } catch (error) {
    if (error instanceof JobFailedError)
      return { id, status: 'failed', result: error.result, problem: problemOf(error) }
    if (hasCode(error, 'JOB_CANCELLED'))
      return { id, status: 'cancelled', result: undefined, problem: problemOf(error) }
    if (hasCode(error, 'JOB_EXPIRED')) return { id, status: 'expired', result: undefined, problem: problemOf(error) }
    throw error
  }
}

function problemOf(error: Error & { readonly code: keyof typeof exitCodeOf }): Problem {
  return new Problem(exitCodeOf[error.code], error.message, { cause: error })
}

/** An outcome for machines. */
export function outcomeData({ id, status, result }: Outcome, saved: readonly string[] = []): JsonValue {
  return {
    id,
    status,
    attempt: result?.attempt ?? 0,
    value: result?.value ?? null,
    error: result?.error
      ? { name: result.error.name, message: result.error.message, code: result.error.code ?? null }
      : null,
    startedAt: result?.startedAt?.toISOString() ?? null,
    finishedAt: result?.finishedAt.toISOString() ?? null,
    assets: assetsOf(result).map(([name, { filename, contentType, size }]) => ({
      name,
      filename: filename ?? null,
      contentType: contentType ?? null,
      size,
    })),
    ...(saved.length > 0 ? { saved: [...saved] } : {}),
  }
}

/** One outcome for people: what is known of it, then its assets. */
export async function outcomeText(outcome: Outcome, stream: NodeJS.WriteStream): Promise<string> {
  const { id, status, result } = outcome
  const facts: [string, string | undefined][] = [
    ['ID', id],
    ['STATUS', status],
    ['ATTEMPT', result && String(result.attempt)],
    ['FINISHED', timeText(result?.finishedAt)],
    ['VALUE', result?.value === undefined ? undefined : JSON.stringify(result.value)],
    ['ERROR', result?.error && `${result.error.name}: ${result.error.message}`],
  ]
  const head = await drawTable({ columns: [], rows: facts.filter(([, value]) => value !== undefined) }, stream)
  const assets = assetsOf(result)
  if (assets.length === 0) return head
  const rows = assets.map(([name, { size, contentType }]) => [name, prettyBytes(size), contentType])
  return `${head}\n\n${await drawTable({ columns: ['ASSET', 'SIZE', 'TYPE'], rows }, stream)}`
}

/** A result's assets with their names. */
export function assetsOf(result: JobResult | undefined): readonly (readonly [string, StoredObject])[] {
  return Object.entries(result?.assets ?? {})
}
