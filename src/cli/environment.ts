import type { Option } from '@commander-js/extra-typings'

const settings = new WeakMap<object, string>()

/** Lets the environment and the configuration file know an option by the name of another, or by one that means nothing to others. */
export function knownAs<Given extends Option>(option: Given, name: string): Given {
  settings.set(option, name)
  return option
}

/** The variable that stands for an option: `--time-out` is `REMOTEJOB_TIME_OUT`, `--no-color` is `REMOTEJOB_NO_COLOR`. */
export function variableOf(option: Option): string {
  return `REMOTEJOB_${(settings.get(option) ?? option.name()).replaceAll('-', '_').toUpperCase()}`
}

/** What stands for it in the configuration file. */
export function memberOf(option: Option): string {
  const name = settings.get(option)
  return name?.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) ?? option.attributeName()
}

/** What the environment says of an option; nothing where the variable is empty, as scripts leave them. */
export function fromEnvironment(option: Option, environment: NodeJS.ProcessEnv): string | boolean | undefined {
  const said = environment[variableOf(option)]
  if (said === undefined || said.trim() === '') return undefined
  if (!isSwitch(option)) return said
  const word = said.trim().toLowerCase()
  const isSet = ['1', 'true', 'yes'].includes(word)
  if (!isSet && !['0', 'false', 'no'].includes(word)) return said
  // The variable is of `--no-color`, and what it decides on is `color`.
  return option.negate ? !isSet : isSet
}

/** Whether an option takes no value. */
export function isSwitch(option: Option): boolean {
  return option.isBoolean() || option.negate
}
