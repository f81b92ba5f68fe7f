import { styleText } from 'node:util'
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { exitCodes } from './exit-codes.ts'
import { mistakeText, nameOf } from './mistake.ts'
import { Problem } from './problem.ts'
import { suggestion } from './suggestion.ts'
import type { Terminal } from './terminal.ts'
import { aliasesOf } from './spelling.ts'
import { paint } from './terminal.ts'

/** Examples of a command, each with what it does, for its help and the documentation. */
export type Examples = readonly (readonly [command: string, what: string])[]

const examplesOf = new WeakMap<CommandUnknownOpts, Examples>()

/** Keeps a command's examples. */
export function withExamples<Given extends CommandUnknownOpts>(command: Given, examples: Examples): Given {
  examplesOf.set(command, examples)
  return command
}

/** How many examples are shown of what is below a command. */
const mostBelow = 6

/** The examples that were given for a command; of one that only has others below it, the first of each of these, or all of the only one. */
export function examples(command: CommandUnknownOpts): Examples {
  const each = command.commands.length === 1 ? mostBelow : 1
  return (
    examplesOf.get(command) ?? command.commands.flatMap((inner) => examples(inner).slice(0, each)).slice(0, mostBelow)
  )
}

/** Gives a command and all below it the help of the house: examples, global options, colours on terminals only. */
export function styleHelp(command: CommandUnknownOpts, terminal: Terminal): void {
  command
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (text) => paint('bold', text, terminal.out),
      optionTerm,
      optionDescription,
    })
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      getOutHelpWidth: () => terminal.out.columns ?? 100,
      getErrHelpWidth: () => terminal.err.columns ?? 100,
      outputError: (text, print) => print(mistakeText(command, text)),
    })
    .exitOverride()
    .on('beforeHelp', () => checkName(command))
    .addHelpText('after', () => exampleText(command, terminal))
  for (const inner of command.commands) styleHelp(inner, terminal)
}

/** Commander shows the help of all to whoever asks for that of a command that there is not. */
function checkName(command: CommandUnknownOpts): void {
  const [name = '-'] = command.args
  const isKnown = command.commands.length === 0 || command.commands.some((one) => one.name() === name)
  if (!isKnown && !name.startsWith('-')) throw unknownCommand(command, name)
}

/** A command that there is not, with the one that was meant. */
export function unknownCommand(outer: CommandUnknownOpts, name: string): Problem {
  const guess = suggestion(
    name,
    outer.commands.map((one) => one.name()),
  )
  return new Problem(exitCodes.usage, `unknown command '${name}'${guess || `; see ${nameOf(outer)} --help`}`)
}

function exampleText(command: CommandUnknownOpts, { out }: Terminal): string {
  const given = examples(command)
  if (given.length === 0) return ''
  const lines = given.map(([text, what]) => `  ${styleText('dim', `# ${what}`, { stream: out })}\n  $ ${text}`)
  return `\n${paint('bold', 'Examples:', out)}\n${lines.join('\n')}\n`
}

/** An option as it is typed, under all its names. */
export function optionTerm(option: Option): string {
  const [names = '', ...value] = option.flags.replace('--local [directory]', '--local[=directory]').split(/ (?=[<[])/)
  return [[names, ...aliasesOf(option)].join(', '), ...value].join(' ')
}

/** What an option means. Its variable is not named with each: the help of the whole says how they are called. */
export function optionDescription({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  required,
}: Option): string {
  const said = defaultValueDescription ?? (required && defaultValue !== undefined ? String(defaultValue) : undefined)
  const facts = [...(argChoices ? [argChoices.join(', ')] : []), ...(said === undefined ? [] : [`default: ${said}`])]
  return facts.length > 0 ? `${description} (${facts.join('; ')})` : description
}
