import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { aliasesOf } from '../spelling.ts'

/** One word that may stand there, as a whole, and what it means. */
type Candidate = readonly [word: string, meaning: string]

/** What may stand where the cursor is. */
export interface Candidates {
  readonly words: readonly Candidate[]
  /** What the shell knows better than we do, and only where there are no words. */
  readonly others: 'files' | 'directories' | 'nothing'
}

/** Where somebody is who has typed so far. */
interface Standing {
  readonly command: CommandUnknownOpts
  readonly operands: readonly string[]
  /** The option whose value comes next. */
  readonly option: Option | undefined
  /** Whether `--` was there, behind which nothing is an option. */
  readonly isLiteral: boolean
}

const nothing: Candidates = { words: [], others: 'nothing' }

/** Values of options that take others as well, so that they are no choices. */
const usual: Readonly<Record<string, readonly Candidate[]>> = {
  output: [
    ['table', 'for people'],
    ['json', 'for programs'],
    ['yaml', 'for both'],
    ['jsonpath=', 'values of it, as text'],
  ],
  engine: [
    ['podman', ''],
    ['docker', ''],
  ],
}

/** What may follow the words that were typed, of which the last is not finished and may be empty. */
export function candidatesFor(program: CommandUnknownOpts, typed: readonly string[]): Candidates {
  const word = typed.at(-1) ?? ''
  const start: Standing = { command: program, operands: [], option: undefined, isLiteral: false }
  const at = typed.slice(0, -1).reduce(step, start)
  const { words, others } = possible(at, word)
  return { words: words.filter(([one]) => one.startsWith(word)), others: words.length > 0 ? 'nothing' : others }
}

function step(at: Standing, word: string): Standing {
  if (at.option) return { ...at, option: undefined }
  if (at.isLiteral) return { ...at, operands: [...at.operands, word] }
  if (word === '--') return { ...at, isLiteral: true }
  if (isOption(word)) {
    const option = optionOf(at.command, word)
    return { ...at, option: option?.required === true ? option : undefined }
  }
  const inner = at.command.commands.find((one) => one.name() === word)
  return inner ? { ...at, command: inner } : { ...at, operands: [...at.operands, word] }
}

/** Standard input is `-`. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-'
}

function possible({ command, operands, option, isLiteral }: Standing, word: string): Candidates {
  if (option) return valuesOf(option)
  if (!isLiteral && word.startsWith('-')) return word.includes('=') ? joinedValues(command, word) : names(command)
  if (command.commands.length > 0) return commandsBelow(command)
  if (command.name() === 'help' && command.parent) return commandsBelow(command.parent, operands)
  return valuesOf(argumentAt(command.registeredArguments, operands.length))
}

function argumentAt(given: readonly Argument[], index: number): Argument | undefined {
  const last = given.at(-1)
  return given[index] ?? (last?.variadic === true ? last : undefined)
}

/** `--output=json` is one word. */
function joinedValues(command: CommandUnknownOpts, word: string): Candidates {
  const name = word.slice(0, word.indexOf('='))
  const { words, others } = valuesOf(optionOf(command, name))
  return { words: words.map(([value, meaning]) => [`${name}=${value}`, meaning]), others }
}

/** Files and folders are known by what their place is called in the help. */
function valuesOf(one: Option | Argument | undefined): Candidates {
  if (one === undefined) return nothing
  const isOptional = 'flags' in one
  const words = one.argChoices?.map((choice) => [choice, ''] as const)
  if (words) return { words, others: 'nothing' }
  if (isOptional && usual[one.attributeName()]) return { words: usual[one.attributeName()] ?? [], others: 'nothing' }
  const name = isOptional ? /(\w+)[>\]]/.exec(one.flags)?.[1] : one.name()
  if (name === 'directory') return { words: [], others: 'directories' }
  return { words: [], others: name === 'file' || (!isOptional && name === 'command') ? 'files' : 'nothing' }
}

function names(command: CommandUnknownOpts): Candidates {
  return {
    words: optionsOf(command).flatMap(({ long, description }) => (long ? [[long, short(description)]] : [])),
    others: 'nothing',
  }
}

/** Those of the command, then those of every command. */
function optionsOf(command: CommandUnknownOpts): readonly Option[] {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)]
}

function optionOf(command: CommandUnknownOpts, flag: string): Option | undefined {
  return optionsOf(command).find(
    (option) => flag === option.long || flag === option.short || aliasesOf(option).includes(flag),
  )
}

function commandsBelow(command: CommandUnknownOpts, [name, ...more]: readonly string[] = []): Candidates {
  const inner = command.commands.find((one) => one.name() === name)
  if (inner) return commandsBelow(inner, more)
  if (name !== undefined) return nothing
  return { words: command.commands.map((one) => [one.name(), short(one.summary())]), others: 'nothing' }
}

/** The first clause, as a line beside a word has room for it. */
function short(description: string): string {
  const clause = description.split(/[;:] /, 1)[0] ?? ''
  return clause.length > 60 ? `${clause.slice(0, 59)}…` : clause
}
