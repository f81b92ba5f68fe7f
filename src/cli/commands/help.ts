import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { unknownCommand } from '../help.ts'

/** `remotejob help`; commander's own shows the whole help for a command that there is not, and knows no commands of commands. */
export function helpCommand(): CommandUnknownOpts {
  const command = new Command('help').argument('[command...]')
  return command
    .summary('show the help of a command')
    .description('Shows the help of a command, as its --help does.')
    .action((names) => {
      if (command.parent) innerOf(command.parent, names).help()
    })
}

function innerOf(outer: CommandUnknownOpts, [name, ...more]: readonly string[]): CommandUnknownOpts {
  if (name === undefined) return outer
  const inner = outer.commands.find((one) => one.name() === name)
  if (inner) return innerOf(inner, more)
  throw unknownCommand(outer, name)
}
