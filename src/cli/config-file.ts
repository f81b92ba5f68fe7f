import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { exitCodes } from './exit-codes.ts'
import { Problem } from './problem.ts'

const names = ['remotejob.config.json', 'remotejob.config.js', 'remotejob.config.ts'] as const

/** Settings of one file: options by name, and objects of them for one command each. */
export type Config = Readonly<Record<string, unknown>>

/** Where settings are: the file that was named, or the first of the usual names in the working directory. */
export function findConfig(named: string | undefined): string | undefined {
  if (named !== undefined) return resolve(named)
  return names.map((name) => resolve(name)).find((path) => existsSync(path))
}

/** @throws Problem for a file that is not there or holds no settings */
export async function readConfig(path: string): Promise<Config> {
  const value = await load(path)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new Problem(exitCodes.usage, `${path} must hold an object of options, such as { "region": "eu-central-1" }`)
}

async function load(path: string): Promise<unknown> {
  try {
    if (path.endsWith('.json')) return JSON.parse(await readFile(path, 'utf8'))
    const module: unknown = await import(pathToFileURL(path).href)
    return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem(exitCodes.usage, `The settings in ${path} cannot be read: ${why}`, { cause: error })
  }
}

/**
 * Gives a command the settings of a file: options of that name, then those in an object of the command's own name. The command
 * line and the environment win.
 * @throws Problem for a value that the option does not take, or a name that no command knows
 */
export function applyConfig(config: Config, program: CommandUnknownOpts, command: CommandUnknownOpts): void {
  const path = pathOf(command)
  let scope: unknown = config
  for (const name of ['', ...path]) {
    scope = name === '' ? config : isSection(scope) ? scope[name] : undefined
    if (!isSection(scope)) continue
    for (const target of new Set([program, command])) for (const option of target.options) set(target, option, scope)
  }
  checkNames(config, program, [])
}

function set(command: CommandUnknownOpts, option: Option, section: Config): void {
  const name = option.attributeName()
  const value = section[name]
  if (value === undefined || isSection(value)) return
  const source = command.getOptionValueSource(name)
  if (source === 'cli' || source === 'env') return
  command.setOptionValueWithSource(name, parsed(option, value), 'config')
}

function parsed(option: Option, value: unknown): unknown {
  const values = Array.isArray(value) ? value : [value]
  try {
    if (option.isBoolean() || option.negate || (option.optional && typeof value === 'boolean')) return value === true
    if (!option.parseArg) return option.variadic ? values.map(String) : String(value)
    // The collectors of repeated options are given what came before.
    return values.reduce<unknown>((before, one) => option.parseArg?.(String(one), before), undefined)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem(exitCodes.usage, `The setting ${option.attributeName()} in the configuration file: ${why}`)
  }
}

function checkNames(section: Config, command: CommandUnknownOpts, path: readonly string[]): void {
  const known = new Set([...optionsBelow(command)].map((option) => option.attributeName()))
  for (const [name, value] of Object.entries(section)) {
    const inner = command.commands.find((one) => one.name() === name)
    if (inner && isSection(value)) checkNames(value, inner, [...path, name])
    else if (!known.has(name))
      throw new Problem(
        exitCodes.usage,
        `The configuration file has the setting ${[...path, name].join('.')}, which is no option: check its spelling`,
      )
  }
}

function* optionsBelow(command: CommandUnknownOpts): Generator<Option> {
  yield* command.options
  for (const inner of command.commands) yield* optionsBelow(inner)
}

function isSection(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pathOf(command: CommandUnknownOpts): string[] {
  const names: string[] = []
  for (let at: CommandUnknownOpts | null = command; at?.parent; at = at.parent) names.unshift(at.name())
  return names
}
