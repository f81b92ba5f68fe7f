import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { aliasesOf } from './spelling.ts'
import { suggestion } from './suggestion.ts'

/** Commander's words about a mistake in one line, with what was meant or where to read on. */
export function mistakeText(command: CommandUnknownOpts, text: string): string {
  const [what = '', guess] = text.trim().split('\n')
  const stranger = strangerIn(command, what)
  if (stranger !== undefined) return `error: ${strangerText(command, stranger)}\n`
  const meant = guess?.replace(/^\(Did/, '; did').replace(/\)$/, '')
  return `${what.replace(/\.$/, '')}${meant ?? helpOf(command)}\n`
}

/**
 * The option that there is not. Commander says first what is missing, which may be the very one that was meant. What stands behind "="
 * may be a secret.
 */
function strangerIn(command: CommandUnknownOpts, what: string): string | undefined {
  const told = /^error: unknown option '([^]+)'$/.exec(what)?.[1]
  const isMissing = what.startsWith('error: required option')
  return (told ?? (isMissing ? command.args.find((word) => /^--?\w/.test(word)) : undefined))?.replace(/=[^]*$/, '')
}

function strangerText(command: CommandUnknownOpts, typed: string): string {
  const known = pathOf(command)
    .flatMap(({ options }) => options)
    .flatMap((option) => [option.long ?? '', ...aliasesOf(option)])
  if (known.includes(typed)) return `option '${typed}' takes no value${helpOf(command)}`
  // Of a letter alone every other would be as near.
  const guess = typed.startsWith('--') ? suggestion(typed, ['--help', ...known.filter((flag) => flag.length > 2)]) : ''
  return `unknown option '${typed}'${guess || helpOf(command)}`
}

function helpOf(command: CommandUnknownOpts): string {
  return `; see ${nameOf(command)} --help`
}

/** A command with those above it, as it is typed. */
export function nameOf(command: CommandUnknownOpts): string {
  return pathOf(command)
    .map((one) => one.name())
    .join(' ')
}

function pathOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.parent ? [...pathOf(command.parent), command] : [command]
}
