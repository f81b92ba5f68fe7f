import type { Session } from '../session.ts'
import { valueCommands } from '../runs/value-commands.ts'

/** `remotejob configmap` */
export function configMapCommand(session: Session) {
  return valueCommands(session, { command: 'configmap', noun: 'config map', example: 'settings' })
    .summary('keep configuration that programs have as variables or files')
    .description(
      'A config map has values under keys. Jobs refer to it with --env-from-configmap and --mount-configmap, and have what is in it when an instance starts.',
    )
}
