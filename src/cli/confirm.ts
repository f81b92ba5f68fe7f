import { exitCodes } from './exit-codes.ts'
import { Problem } from './problem.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks before something is destroyed; the answer that needs no key is no.
 * @throws Problem when nobody is there to answer, or the answer is no
 */
export async function confirm(
  { err }: Terminal,
  question: string,
  advice = 'say --yes, after a look with --dry-run',
): Promise<void> {
  if (!process.stdin.isTTY || !err.isTTY) throw new Problem(exitCodes.usage, `Nobody is there to confirm it: ${advice}`)
  const prompts = await import('@clack/prompts')
  const answer = await prompts.confirm({ message: question, initialValue: false, output: err })
  if (answer !== true) throw new Problem(exitCodes.interrupted, 'Nothing was changed')
}
