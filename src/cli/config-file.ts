import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { memberOf } from './environment.ts'
import { exitCodes } from './exit-codes.ts'
import { Problem } from './problem.ts'
import { suggestion } from './suggestion.ts'

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
 * Looks for slips of the finger before they go unnoticed.
 * @throws Problem for a name that is neither an option nor a command with options
 */
export function checkNames(config: Config, program: CommandUnknownOpts, file: string): void {
  checkSection(config, program, { file, path: [], globals: namesOf(program.options) })
}

interface Where {
  readonly file: string
  readonly path: readonly string[]
  /** Options that every command has. */
  readonly globals: ReadonlySet<string>
}

function checkSection(section: Config, command: CommandUnknownOpts, where: Where): void {
  const known = new Set([...where.globals, ...namesOf(optionsBelow(command))])
  for (const [name, value] of Object.entries(section)) {
    const inner = command.commands.find((one) => one.name() === name)
    const path = [...where.path, name]
    if (inner && isSection(value)) checkSection(value, inner, { ...where, path })
    else if (inner && !known.has(name)) {
      const advice = `Expected an object of options for the command, got ${JSON.stringify(value)}`
      throw new Problem(exitCodes.usage, `"${path.join('.')}" in ${where.file}: ${advice}`)
    } else if (!known.has(name)) {
      const commands = command.commands.map((one) => one.name())
      const guess = suggestion(name, isSection(value) ? [...commands, ...known] : [...known, ...commands])
      throw new Problem(
        exitCodes.usage,
        `${where.file} has the setting "${path.join('.')}", which there is not${guess}`,
      )
    }
  }
}

/** What may be set: the file cannot name itself, and the version is none. */
function namesOf(options: Iterable<Option>): Set<string> {
  const names = new Set([...options].map(memberOf))
  names.delete('config')
  names.delete('version')
  return names
}

function* optionsBelow(command: CommandUnknownOpts): Generator<Option> {
  yield* command.options
  for (const inner of command.commands) yield* optionsBelow(inner)
}

/** Whether a value of the file is an object of settings. */
export function isSection(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
