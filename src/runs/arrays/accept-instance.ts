import { hasCode } from '../../errors.ts'
import type { Workspace } from '../../lifecycle/workspace.ts'
import type { Offer } from '../../worker-options.ts'
import type { JobDefinition } from '../definition/job-definition.ts'
import { isListed } from '../definition/whitelist.ts'
import { parseInstanceJobId } from './run-keys.ts'
import { readRun, type RunRecord } from './run-record.ts'

/** Which instances a worker takes; what is not said limits nothing. */
export interface Selection {
  /** Names of jobs. */
  readonly only?: readonly string[] | undefined
  /** Ways of running programs. */
  readonly executors?: readonly ExecutorName[] | undefined
  /** Images of containers, `*` for any characters. */
  readonly images?: readonly string[] | undefined
}

/** Runs programs as processes of the worker's machine, or in containers. */
export type ExecutorName = 'process' | 'container'

/** What tells a worker whether it takes an instance; nothing where it takes all, and no request is made for it. */
export function acceptanceOf(
  open: () => Promise<Workspace>,
  selection: Selection,
): ((offer: Pick<Offer, 'id'>) => Promise<boolean>) | undefined {
  const { only, executors, images } = selection
  if (!only && !executors && !images) return undefined
  return async ({ id }) => {
    const instance = parseInstanceJobId(id)
    // Sending the instances runs no program.
    if (!instance) return true
    const run = await read(await open(), instance.name)
    if (run === 'newer') return false
    // Of a run that was deleted nothing is run either.
    return run?.uid !== instance.uid || isSelected(run.definition, selection)
  }
}

/** A run of a newer version is for newer workers. */
async function read(w: Workspace, name: string): Promise<RunRecord | 'newer' | undefined> {
  try {
    return await readRun(w, name)
  } catch (error) {
    if (hasCode(error, 'UNSUPPORTED')) return 'newer'
    throw error
  }
}

function isSelected({ name, image }: JobDefinition, { only, executors, images }: Selection): boolean {
  if (only && !only.includes(name)) return false
  if (executors && !executors.includes(image === undefined ? 'process' : 'container')) return false
  return !images || image === undefined || isListed(image, images)
}
