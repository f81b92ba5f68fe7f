import type { Job } from '../../job.ts'
import { receipt } from '../../job.ts'
import { hasFreeSlot, type SlotsWanted, type Taken, takeSlot } from '../../lifecycle/slots.ts'
import type { Slot } from '../../lifecycle/slot.ts'
import { joinLine, leaveLine, type Waiting, wakeNext } from '../../lifecycle/waiting-line.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { RunRecord } from './run-record.ts'

/** Seconds: a slot is somebody's for no longer than that after they died, however long their leases are. */
const longestLeaseSeconds = 60
/** Seconds between two looks of one who waits, for each one in line: however many wait, they look as often together. */
const lookSeconds = 15
/** Most seconds between two looks: whom nobody wakes, since a worker was killed in doing it, waits no longer. */
const longestRestSeconds = 300

/** Leave to run. */
export interface Turn extends AsyncDisposable {
  /** Aborts when the leave is another's; absent where there is no bound. */
  readonly lost?: AbortSignal
}

/**
 * Leave to run an instance, within the parallelism of its definition over all machines. Without a free slot the job is given back, at
 * no cost of an attempt, and waits in line: whoever frees a slot wakes the one who was submitted first.
 */
export async function takeTurn(w: Workspace, job: Job, run: RunRecord, signal: AbortSignal): Promise<Turn | undefined> {
  const { name, parallelism: count } = run.definition
  if (count === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() }
  const wanted = { name, count, leaseSeconds: Math.min(w.leaseSeconds, longestLeaseSeconds) }
  const place = { name, at: run.submittedAt, id: job.id }
  const { slot, free, waiting } = await takeSlot(w, wanted, { signal })
  if (!slot) return waitInLine(w, job, wanted, { place, waiting })
  if (waiting.length > 0) await passOn(w, place, { slot, free, waiting })
  return { lost: slot.lost, [Symbol.asyncDispose]: () => endTurn(w, name, slot) }
}

/** One who came by itself still stands in line; and one who was woken wakes the next while there are slots that nobody comes to. */
async function passOn(
  w: Workspace,
  place: Waiting,
  { slot, free, waiting }: Pick<Taken, 'free' | 'waiting'> & { readonly slot: Slot },
): Promise<void> {
  try {
    const others = await leaveLine(w, place, waiting)
    if (free > 0 && others.length > 0) await wakeNext(w, place.name, slot.number)
  } catch (error) {
    w.report(error)
  }
}

/** What fails here costs others some of their time, and this instance nothing. */
async function endTurn(w: Workspace, name: string, slot: Slot): Promise<void> {
  try {
    await slot.release()
    await wakeNext(w, name, slot.number)
  } catch (error) {
    w.report(error)
  }
}

async function waitInLine(
  w: Workspace,
  job: Job,
  wanted: SlotsWanted,
  { place, waiting }: Pick<Taken, 'waiting'> & { readonly place: Waiting },
): Promise<undefined> {
  const token = job[receipt]
  // Another message will stand for the job, which nobody can wake: that one is soon to have its place in the line.
  const shareSeconds = token === undefined ? lookSeconds : lookSeconds * (1 + waiting.length)
  const delaySeconds = Math.ceil(Math.min(longestRestSeconds, shareSeconds * (0.8 + 0.4 * Math.random())))
  // Rejects where others were woken and took it, quicker than this one: the worker leaves it to them.
  await job.release({ counted: false, delaySeconds })
  if (token !== undefined) await joinLine(w, place, token)
  const others = await leaveLine(w, place, waiting)
  // A slot that was freed before anybody stood there woke nobody. Where many do, those who free slots find one of them, and so on.
  if (others.length < wanted.count && (await hasFreeSlot(w, wanted))) await wakeNext(w, place.name)
}
