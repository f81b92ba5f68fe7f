import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { checkNames, type Config, findConfig, isSection, readConfig } from './config-file.ts'
import { fromEnvironment, isSwitch, memberOf, variableOf } from './environment.ts'
import { exitCodes } from './exit-codes.ts'
import { Problem } from './problem.ts'

/**
 * Gives a command the options that its words left open: of the environment, then of the configuration file.
 * Commander reads variables by itself, but takes any text for yes, and adds what is repeated to what a variable said.
 * @throws Problem for a value that an option does not take, or for a setting that there is none of; it names the place
 */
export async function applySettings(program: CommandUnknownOpts, command: CommandUnknownOpts): Promise<void> {
  const commands = [program, ...pathOf(command)]
  for (const one of commands) for (const option of one.options) applyVariable(one, option)
  const named: unknown = program.getOptionValue('config')
  const path = findConfig(typeof named === 'string' ? named : undefined)
  if (path === undefined) return
  const config = await readConfig(path)
  checkNames(config, program, path)
  applySections(config, commands, path)
}

/** The version is no setting, and a variable of that name may well mean something else. */
function applyVariable(command: CommandUnknownOpts, option: Option): void {
  const value = option.attributeName() === 'version' ? undefined : fromEnvironment(option, process.env)
  if (value !== undefined) apply(command, option, { value, place: variableOf(option), source: 'env' })
}

/** Options at the top of the file, then those in the objects of the command and of those above it, which win. */
function applySections(config: Config, [program, ...path]: readonly CommandUnknownOpts[], file: string): void {
  let section: unknown = config
  for (const command of [undefined, ...path]) {
    if (command) section = isSection(section) ? section[command.name()] : undefined
    if (!isSection(section)) return
    for (const target of [program, ...path])
      for (const option of target?.options ?? []) {
        const name = memberOf(option)
        const isCommand = (command ?? program)?.commands.some((one) => one.name() === name) && isSection(section[name])
        const value = isCommand ? undefined : section[name]
        if (target && value !== undefined)
          apply(target, option, { value, place: `"${name}" in ${file}`, source: 'config' })
      }
  }
}

interface Setting {
  readonly value: unknown
  readonly place: string
  readonly source: 'env' | 'config'
}

function apply(command: CommandUnknownOpts, option: Option, { value, place, source }: Setting): void {
  const name = option.attributeName()
  const earlier = command.getOptionValueSource(name)
  if (earlier === 'cli' || (earlier === 'env' && source === 'config')) return
  try {
    command.setOptionValueWithSource(name, parsed(option, value), source)
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    throw new Problem(exitCodes.usage, `${place}: ${why}; got ${JSON.stringify(value)}`, { cause: error })
  }
}

function parsed(option: Option, value: unknown): unknown {
  if (isSwitch(option)) return truth(value)
  if (option.optional && typeof value === 'boolean') return value ? true : undefined
  const values = Array.isArray(value) ? value : [value]
  const texts = values.map(textFrom)
  const { parseArg } = option
  if (Array.isArray(value) && !isRepeatable(option)) throw new Error('Expected one value')
  if (parseArg) return texts.reduce<unknown>((before, text) => parseArg(text, before), undefined)
  return option.variadic ? texts : texts[0]
}

/** The parser of an option that may be repeated takes what came before as well. */
function isRepeatable({ parseArg, variadic }: Option): boolean {
  return variadic || (parseArg !== undefined && parseArg.length > 1)
}

function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new Error('Expected true or false')
}

/** As it would be typed: objects as JSON, which options such as `--metadata-json` take. */
function textFrom(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || isSection(value)) return JSON.stringify(value)
  throw new Error('Expected text or a number')
}

/** A command with those above it, without the program itself. */
function pathOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.parent ? [...pathOf(command.parent), command] : []
}
