import { Command } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { styleHelp } from './help.ts'
import { withGlobalOptions } from './global-options.ts'
import { placeWordsOf } from './place-words.ts'
import { commandsOf } from './commands.ts'
import { Session } from './session.ts'
import { applySettings } from './settings.ts'
import { colourNothing, type Terminal } from './terminal.ts'
import { version } from '../version.ts'

/** Commands that work whatever the settings are. */
const unset: ReadonlySet<string> = new Set(['completion', 'help'])

/** The whole command line: every command, and what they have in common. */
export function createProgram(terminal: Terminal): CommandUnknownOpts {
  const program = withGlobalOptions(new Command('remotejob'))
    .description(
      'A job queue for work that comes with files, over Amazon S3 and SQS or in a folder of this machine.\nEvery duration is in seconds. Every option can also be set in the environment (--wait-timeout is\nREMOTEJOB_WAIT_TIMEOUT) or in remotejob.config.json, .js or .ts ({ "waitTimeout": 60 }).',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    .usage('[options] <command>')
  const session = new Session(terminal, () => program.opts())
  for (const command of commandsOf(session)) program.addCommand(command)
  program.hook('preAction', async (_, command) => {
    session.placeWords = placeWordsOf([program, command])
    if (!unset.has(command.name())) await applySettings(program, command)
    const { quiet, progress, color, output } = program.opts()
    // Before anything is done that its answer could not be printed of.
    if (output.kind === 'jsonpath') (await import('./output/jsonpath.ts')).evaluate(output.expression, null)
    if (!color) colourNothing()
    terminal.isQuiet = quiet === true
    terminal.hasProgress = terminal.hasProgress && progress && !terminal.isQuiet
  })
  styleHelp(program, terminal)
  return program
}
