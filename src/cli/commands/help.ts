import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { nameOf } from '../help.ts'
import { Problem } from '../problem.ts'
import { suggestion } from '../suggestion.ts'

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
  const guess = suggestion(
    name,
    outer.commands.map((one) => one.name()),
  )
  throw new Problem(exitCodes.usage, `unknown command '${name}'${guess || `; see ${nameOf(outer)} --help`}`)
}
