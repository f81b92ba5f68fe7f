import type { CommandUnknownOpts } from '@commander-js/extra-typings'

/** Options that say where a queue is. */
const placeOptions: ReadonlySet<string> = new Set([
  'config',
  'local',
  'endpoint',
  'region',
  'profile',
  'queue',
  'bucket',
  'prefix',
  'statuses',
  'records',
])

/** Those of them that were typed, to be typed again: `--local=jobs`. */
export function placeWordsOf(commands: readonly CommandUnknownOpts[]): readonly string[] {
  return commands.flatMap((command) =>
    command.options
      .filter((option) => placeOptions.has(option.attributeName()))
      .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
      .map((option) => `${option.long}=${String(command.getOptionValue(option.attributeName()))}`),
  )
}
