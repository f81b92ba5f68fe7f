import { setTimeout as wait } from 'node:timers/promises'
import { hasCode } from '../../errors.ts'
import type { Job } from '../../job.ts'
import { UnrecoverableError } from '../../job-errors.ts'
import type { Returned } from '../../lifecycle/outcome.ts'
import { pause } from '../../pause.ts'
import type { Queue } from '../../queue.ts'
import type { Handler } from '../../worker-options.ts'
import { outputName } from './job-object.ts'
import type { Jobd } from './jobd.ts'
import type { SlurmlSettings } from './jobd-options.ts'
import { type SlurmlAnswer, SlurmlClient, SlurmlError } from './slurml-client.ts'
import { readSlurmlState, writePartial, writeSlurmId } from './slurml-state.ts'

/** Jobs of Slurml's that one gateway follows at the same time; each is a call now and then. */
const mostAtOnce = 1000
/** Seconds after which a job is given up that Slurml says nothing of: queues of clusters are long. */
const longestSeconds = 30 * 86_400
/** Seconds between two tries to find the queue. */
const againSeconds = 30

/**
 * Hands jobs to Slurml and follows them to their end, until the gateway closes. Each is a job of a queue, so another gateway, or this
 * one after a restart, goes on with it where it was.
 */
export async function followSlurml(jobd: Jobd): Promise<void> {
  const { slurml } = jobd.settings
  const { closing } = jobd.house
  while (slurml && !closing.aborted) {
    try {
      const [zips, queue] = await Promise.all([jobd.zips(), jobd.slurml()])
      queue?.work(handlerOf(zips, queue, slurml, closing), {
        concurrency: mostAtOnce,
        timeoutSeconds: longestSeconds,
        onEvent: ({ name, error }) => {
          if (name === 'error') jobd.house.report(error)
        },
      })
      return
    } catch (error) {
      if (closing.aborted || hasCode(error, 'CLOSED')) return
      jobd.house.report(error)
      await pause(againSeconds, closing)
    }
  }
}

function handlerOf(
  zips: Queue,
  queue: Queue,
  settings: SlurmlSettings,
  closing: AbortSignal,
): Handler<Record<string, unknown>> {
  const client = new SlurmlClient(settings)
  return async (job, { signal }) => {
    const ended = AbortSignal.any([signal, closing])
    try {
      const slurmId = await handOver(job, { zips, queue, client }, ended)
      for (;;) {
        const returned = await look(job, queue, () => client.ask(slurmId, ended), ended)
        if (returned) return returned
        await wait(settings.lookSeconds * 1000, undefined, { signal: ended })
      }
    } catch (error) {
      // Another gateway goes on with it, at no cost of a try.
      if (!closing.aborted || signal.aborted) throw error
      await job.release({ counted: false })
      return undefined
    }
  }
}

interface Place {
  readonly zips: Queue
  readonly queue: Queue
  readonly client: SlurmlClient
}

/** Slurml's number of a job, which it is given only once it has one. */
async function handOver(job: Job<unknown>, { zips, queue, client }: Place, signal: AbortSignal): Promise<number> {
  const known = await readSlurmlState(queue, job.id, signal)
  if (known) return known.slurmId
  const input = await zips.retrieve(inputOf(job), { signal })
  try {
    const slurmId = await client.submit(input.createReadStream({ signal }), signal)
    await writeSlurmId(queue, job.id, slurmId, signal)
    return slurmId
  } catch (error) {
    // It would refuse the same once more, or have it twice.
    const isFinal = error instanceof SlurmlError && error.isFinal
    throw isFinal ? new UnrecoverableError(error.message, { cause: error }) : error
  }
}

function inputOf({ metadata }: Job<unknown>): string {
  const input = typeof metadata === 'object' && metadata !== null && 'input' in metadata ? metadata.input : undefined
  if (typeof input === 'string') return input
  throw new UnrecoverableError('This job does not say which zip is for Slurml')
}

/** One look: what the job hands back, or nothing where it goes on. */
async function look(
  job: Job<unknown>,
  queue: Queue,
  ask: () => Promise<SlurmlAnswer>,
  signal: AbortSignal,
): Promise<Returned | undefined> {
  try {
    const answer = await ask()
    switch (answer.kind) {
      case 'waiting':
        return undefined
      case 'partial':
        await writePartial(queue, job.id, answer.output, signal)
        return undefined
      case 'done':
        return { assets: { [outputName]: { body: answer.output, contentType: 'application/zip' } } }
      case 'failed':
        throw new UnrecoverableError(answer.message)
      default:
        return answer satisfies never
    }
  } catch (error) {
    // It is asked again, however long that takes: what Slurml runs goes on meanwhile.
    if (error instanceof SlurmlError || hasCode(error, 'BODY_FAILED') || hasCode(error, 'UNAVAILABLE')) return undefined
    throw error
  }
}
