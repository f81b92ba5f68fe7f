import type { Session } from '../session.ts'
import { note } from '../terminal.ts'

/** Says what is being done and how it went, as IBM Code Engine does; to people, not to scripts. */
export async function spoken<Result>(
  { terminal }: Session,
  intention: string,
  work: () => Promise<Result>,
): Promise<Result> {
  note(terminal, intention)
  try {
    const result = await work()
    note(terminal, 'OK')
    return result
  } catch (error) {
    note(terminal, 'FAILED')
    throw error
  }
}
