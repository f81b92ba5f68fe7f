import { confirm } from '../confirm.ts'
import type { Session } from '../session.ts'
import { type Kind, missing } from './missing.ts'
import { spoken } from './spoken.ts'

/** What every command that deletes by name is told. */
export interface DeleteOptions {
  readonly name: string
  readonly force?: boolean | undefined
  readonly ignoreNotFound?: boolean | undefined
}

/** What is asked before, and said meanwhile. */
interface Words {
  readonly question: string
  readonly intention: string
}

/** Asks, deletes, and says how it went. @param remove Whether there was anything to delete */
export async function deleteNamed(
  session: Session,
  kind: Kind,
  { name, force, ignoreNotFound, question, intention }: DeleteOptions & Words,
  remove: () => Promise<boolean>,
): Promise<void> {
  if (!force) await confirm(session.terminal, question, 'say --force')
  await spoken(session, intention, async () => {
    if (!(await remove()) && !ignoreNotFound) throw missing(kind, name)
  })
}
