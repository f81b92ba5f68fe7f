import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { cancelCommand } from './commands/cancel.ts'
import { completionCommand } from './commands/completion.ts'
import { configMapCommand } from './commands/configmap.ts'
import { deadCommand } from './commands/dead.ts'
import { helpCommand } from './commands/help.ts'
import { applyCommand } from './commands/apply.ts'
import { jobCommand } from './commands/job.ts'
import { jobRunCommand } from './commands/jobrun.ts'
import { doctorCommand } from './commands/doctor.ts'
import { listCommand } from './commands/list.ts'
import { logsCommand } from './commands/logs.ts'
import { provisionCommand } from './commands/provision.ts'
import { queuesCommand } from './commands/queues.ts'
import { resultCommand } from './commands/result.ts'
import { retryCommand } from './commands/retry.ts'
import { secretCommand } from './commands/secret.ts'
import { scheduleCommand } from './commands/schedule.ts'
import { serveCommand } from './commands/serve.ts'
import { statusCommand } from './commands/status.ts'
import { submitCommand } from './commands/submit.ts'
import { subscriptionCommand } from './commands/subscription.ts'
import { teardownCommand } from './commands/teardown.ts'
import { tokenCommand } from './commands/token.ts'
import { workCommand } from './commands/work.ts'
import type { Session } from './session.ts'

/** All commands, in the order in which the help shows them. */
export function commandsOf(session: Session): readonly CommandUnknownOpts[] {
  return [
    submitCommand,
    workCommand,
    statusCommand,
    resultCommand,
    cancelCommand,
    logsCommand,
    retryCommand,
    listCommand,
    queuesCommand,
    deadCommand,
    provisionCommand,
    teardownCommand,
    doctorCommand,
    jobCommand,
    jobRunCommand,
    applyCommand,
    configMapCommand,
    secretCommand,
    subscriptionCommand,
    scheduleCommand,
    serveCommand,
    tokenCommand,
    completionCommand,
    helpCommand,
  ].map((create) => create(session))
}
