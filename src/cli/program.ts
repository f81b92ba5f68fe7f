import { Command } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { applyConfig, findConfig, readConfig } from './config-file.ts'
import { readEnvironment } from './environment.ts'
import { styleHelp } from './help.ts'
import { withGlobalOptions } from './global-options.ts'
import { commandsOf } from './commands.ts'
import { Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** The whole command line: every command, and what they have in common. */
export function createProgram(terminal: Terminal): CommandUnknownOpts {
  const program = withGlobalOptions(new Command('remotejob'))
    .description(
      'A job queue for work that comes with files, over Amazon S3 and SQS or in a folder of this machine.\nEvery duration is in seconds. Every option can also be set in the environment (--wait-timeout is\nREMOTEJOB_WAIT_TIMEOUT) or in remotejob.config.json, .js or .ts ({ "waitTimeout": 60 }).',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .usage('[options] <command>')
  const session = new Session(terminal, () => program.opts())
  for (const command of commandsOf(session)) program.addCommand(command)
  program.hook('preSubcommand', async (_, command) => prepare(program, command))
  program.hook('preAction', () => {
    const { quiet, progress } = program.opts()
    terminal.isQuiet = quiet === true
    terminal.hasProgress = terminal.hasProgress && progress && !terminal.isQuiet
  })
  readEnvironment(program, process.env)
  styleHelp(program, terminal)
  return program
}

/** Settings of the configuration file, before the command's own words are read; those of groups are read at their last word. */
async function prepare(program: CommandUnknownOpts, command: CommandUnknownOpts): Promise<void> {
  if (command.name() === 'help' || command.name().startsWith('comp')) return
  const named: unknown = program.getOptionValue('config')
  const path = findConfig(typeof named === 'string' ? named : undefined)
  if (path === undefined) return
  const config = await readConfig(path)
  for (const target of [command, ...command.commands]) applyConfig(config, program, target)
}
