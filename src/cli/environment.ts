import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'

/** The variable that stands for an option: `--time-out` is `REMOTEJOB_TIME_OUT`. */
export function variableOf(option: Option): string {
  return `REMOTEJOB_${option
    .attributeName()
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`
}

/**
 * Every option may be set in the environment. For one without a value `1`, `true` and `yes` set it; commander would take any text
 * for yes, so other words are left out here.
 */
export function readEnvironment(command: CommandUnknownOpts, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const name = variableOf(option)
    const said = environment[name]?.trim().toLowerCase()
    const isSwitch = option.isBoolean() || option.negate
    if (said === '' || (isSwitch && !['1', 'true', 'yes'].includes(said ?? ''))) continue
    option.env(name)
  }
  for (const inner of command.commands) readEnvironment(inner, environment)
}
