import { readFile } from 'node:fs/promises'
import { RemoteJobError } from '../../errors.ts'
import { checkTokens } from '../../gateway/access/token-entry.ts'
import type { TokenEntry } from '../../gateway.ts'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'

/**
 * The tokens of a file: a list of entries, in JSON or YAML. They are hashes, so others may read it.
 * @throws Problem that names the file, and shows nothing of what is in it
 */
export async function readTokens(file: string): Promise<readonly TokenEntry[]> {
  const text = await readFile(file, 'utf8')
  const { parse } = await import('yaml')
  let found: unknown
  try {
    found = parse(text, { prettyErrors: false, logLevel: 'error' })
  } catch {
    throw new Problem(exitCodes.usage, `The tokens in ${file} cannot be read: it is neither JSON nor YAML`)
  }
  try {
    return checkTokens(found)
  } catch (error) {
    if (!(error instanceof RemoteJobError)) throw error
    throw new Problem(exitCodes.usage, `The tokens in ${file} cannot be used: ${error.message}`, { cause: error })
  }
}
