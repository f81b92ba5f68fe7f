import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { Problem } from '../problem.ts'
import { withAliases } from '../spelling.ts'

/** For options that may be repeated. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** `--destination-type`, which has one value here. */
export const destinationTypeOption = () =>
  withAliases(
    new Option('--destination-type <type>', 'job; other kinds are not here').argParser((text): 'job' =>
      text === 'job' ? text : refuse('There are no applications here: a subscription runs a job.'),
    ),
    '--dt',
  )

/** `--extension`, for {@link pairsFrom}. */
export const extensionOption = () =>
  withAliases(
    new Option('-e, --extension <name=value>', 'a variable CE_NAME for the program; may be repeated').argParser(
      collect,
    ),
    '--ext',
  )

/** `--path`, which is for what there is not here. */
export const pathOption = () =>
  new Option('--path <path>', 'not supported').argParser(() =>
    refuse('A path is for applications, and a subscription runs a job here: leave it out.'),
  )

function refuse(sentence: string): never {
  throw new InvalidArgumentError(sentence)
}

/** What a command line says of extensions. */
export interface ExtensionOptions {
  readonly extension?: readonly string[] | undefined
  readonly extensionRm?: readonly string[] | undefined
}

/** The extensions that are said, over those that there are; names are compared without case. */
export function extensionsFrom(
  { extension, extensionRm = [] }: ExtensionOptions,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const added = pairsFrom(extension)
  const gone = new Set([...extensionRm, ...Object.keys(added)].map((name) => name.toUpperCase()))
  const kept = Object.entries(before).filter(([name]) => !gone.has(name.toUpperCase()))
  return { ...Object.fromEntries(kept), ...added }
}

function pairsFrom(texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text): [string, string] => {
      const at = text.indexOf('=')
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
      throw new Problem(exitCodes.usage, `Expected --extension NAME=VALUE, got ${JSON.stringify(text)}`)
    }),
  )
}
