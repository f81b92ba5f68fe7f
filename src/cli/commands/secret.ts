import type { Session } from '../session.ts'
import { valueCommands } from '../runs/value-commands.ts'

/** `remotejob secret` */
export function secretCommand(session: Session) {
  return valueCommands(session, { command: 'secret', noun: 'secret', example: 'database' })
    .summary('keep passwords and the like that programs have as variables or files')
    .description(
      'A secret has values under keys, which no command shows. Jobs refer to it with --env-from-secret and --mount-secret.',
    )
}
