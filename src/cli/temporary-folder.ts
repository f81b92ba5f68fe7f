import { makeFolder } from '../runs/programs/folder.ts'
import { Problem, problemFrom } from './problem.ts'

/**
 * Looks whether programs can have folders, before a job is taken that could not be begun.
 * @throws Problem
 */
export async function checkTemporaryFolder(): Promise<void> {
  try {
    await using _ = await makeFolder()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new Problem(problemFrom(error.cause).exitCode, error.message, { cause: error })
  }
}
