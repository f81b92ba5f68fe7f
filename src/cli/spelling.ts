import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { defaultDirectory } from './global-options.ts'

const aliases = new WeakMap<object, readonly string[]>()

/** Gives an option further names beside those that commander knows, a long and a short one. */
export function withAliases<Given extends object>(option: Given, ...flags: readonly string[]): Given {
  aliases.set(option, flags)
  return option
}

/** The further names of an option. */
export function aliasesOf(option: object): readonly string[] {
  return aliases.get(option) ?? []
}

/**
 * The words of a command line with every option under its first name, and with its value in the same word. Commander looks for the
 * options of the whole program first, wherever they stand, and would find them in values that begin with `-`. Behind a short name, too,
 * `=` stands before the value and is no part of it, as with the command line of Code Engine and other programs in Go.
 */
export function spellOut(program: CommandUnknownOpts, words: readonly string[]): string[] {
  const spelt: string[] = []
  let command = program
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (word === '--') return [...spelt, ...words.slice(at)]
    const inner = command.commands.find((one) => one.name() === word)
    if (inner) command = inner
    const [flag, value] = word.startsWith('-') ? halves(word) : [word]
    const option = find(command, flag)
    const name = option?.long
    if (!name) spelt.push(word)
    else if (value !== undefined) spelt.push(`${name}=${value}`)
    else if (option.required && at + 1 < words.length) spelt.push(`${name}=${words[(at += 1)]}`)
    // A directory as a word of its own would mostly be the queue.
    else spelt.push(name === '--local' ? `${name}=${defaultDirectory}` : name)
  }
  return spelt
}

function halves(word: string): [flag: string, value?: string] {
  const at = word.indexOf('=')
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/** A command's option, or one of those above it. */
function find(command: CommandUnknownOpts, flag: string): Option | undefined {
  const found = command.options.find(
    (option) => option.short === flag || option.long === flag || aliasesOf(option).includes(flag),
  )
  return found ?? (command.parent ? find(command.parent, flag) : undefined)
}
