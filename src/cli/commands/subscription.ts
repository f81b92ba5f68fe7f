import { Command } from '@commander-js/extra-typings'
import { cosCommand } from '../runs/cos-commands.ts'
import { cronCommand } from '../runs/cron-commands.ts'
import type { Session } from '../session.ts'

/** `remotejob subscription` */
export function subscriptionCommand(session: Session) {
  return new Command('subscription')
    .helpCommand(false)
    .summary('run jobs when something happens')
    .description('A subscription runs a job for each event. Options and their defaults are those of IBM Code Engine.')
    .addCommand(cosCommand(session))
    .addCommand(cronCommand(session))
}
