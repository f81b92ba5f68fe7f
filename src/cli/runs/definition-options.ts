import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { JobDefinition } from '../../runs/definition/job-definition.ts'
import { wholeNumber } from '../numbers.ts'
import { withAliases } from '../spelling.ts'

/** What a command line says of a job, or of a run. */
export type DefinitionOptions = {
  readonly image?: string | undefined
  readonly command?: readonly string[] | undefined
  readonly argument?: readonly string[] | undefined
  readonly arrayIndexes?: string | undefined
  readonly arraySize?: number | undefined
  readonly arraySizeVarOverride?: number | undefined
  readonly mode?: JobDefinition['mode'] | undefined
  readonly retrylimit?: number | undefined
  readonly maxexecutiontime?: number | undefined
  readonly cpu?: string | undefined
  readonly memory?: string | undefined
  readonly ephemeralStorage?: string | undefined
  readonly env?: readonly string[] | undefined
  readonly envFromConfigmap?: readonly string[] | undefined
  readonly envFromSecret?: readonly string[] | undefined
  readonly mountConfigmap?: readonly string[] | undefined
  readonly mountSecret?: readonly string[] | undefined
  readonly parallelism?: number | undefined
  readonly dependsOn?: readonly string[] | undefined
  readonly ttl?: number | undefined
  readonly visibility?: JobDefinition['visibility'] | undefined
  readonly imagesWhitelist?: readonly string[] | undefined
}

/** What a command line takes away from a job before it adds to it. */
export type RemovalOptions = {
  readonly argumentsClear?: boolean | undefined
  readonly commandsClear?: boolean | undefined
  readonly envRm?: readonly string[] | undefined
  readonly envFromConfigmapRm?: readonly string[] | undefined
  readonly envFromSecretRm?: readonly string[] | undefined
  readonly mountRm?: readonly string[] | undefined
  readonly dependsOnRm?: readonly string[] | undefined
}

/** What the members of a definition are called here, for the library's refusals. */
export const optionOf = {
  name: '--name',
  image: '--image',
  command: '--command',
  arguments: '--argument',
  environment: '--env',
  mounts: '--mount-configmap and --mount-secret',
  mode: '--mode',
  arrayIndexes: '--array-indexes',
  arraySizeOverride: '--array-size-var-override',
  cpu: '--cpu',
  memory: '--memory',
  ephemeralStorage: '--ephemeral-storage',
  retryLimit: '--retrylimit',
  maxExecutionSeconds: '--maxexecutiontime',
  parallelism: '--parallelism',
  dependsOn: '--depends-on',
  visibility: '--visibility',
  imagesWhitelist: '--images-whitelist',
  ttlSecondsAfterFinish: '--ttl',
} as const satisfies Record<Exclude<keyof JobDefinition, 'slimFaas'>, string>

/** An option of the command line. */
interface Row {
  readonly flags: string
  readonly meaning: string
  readonly aliases?: readonly string[]
  readonly parse?: (text: string, before: unknown) => unknown
  readonly choices?: readonly string[]
}

/** For what may be repeated; the order is kept. */
const parse = (text: string, before: unknown): unknown => (Array.isArray(before) ? before.concat(text) : [text])

/** Everything that a job can say, as IBM Code Engine calls it, and behind that what is our own. */
const definitionRows: readonly Row[] = [
  {
    flags: '-i, --image <name>',
    meaning: 'image of a container; without one, the command is a process of the worker’s machine',
  },
  {
    flags: '-c, --command <word>',
    aliases: ['--cmd'],
    meaning: 'the program, in a container in place of the image’s; repeated, its first arguments',
    parse,
  },
  { flags: '-a, --argument <word>', aliases: ['--arg'], meaning: 'an argument; may be repeated', parse },
  {
    flags: '--array-indexes <list>',
    aliases: ['--array-indices', '--ai'],
    meaning: 'the indexes that get an instance each, such as 0,3,6-9; otherwise 0',
  },
  {
    flags: '--array-size <number>',
    aliases: ['--as', '--instances', '--is'],
    meaning: 'instances, with the indexes from 0 on',
    parse: wholeNumber(1, 1000),
  },
  { flags: '--cpu <number>', meaning: 'processors of an instance; otherwise 1' },
  { flags: '-m, --memory <size>', meaning: 'memory of an instance, such as 500M; otherwise 4G' },
  { flags: '--ephemeral-storage <size>', aliases: ['--es'], meaning: 'storage of an instance; otherwise 400M' },
  {
    flags: '--mode <mode>',
    meaning: 'a daemon is started again until it ends well; otherwise task',
    choices: ['task', 'daemon'],
  },
  {
    flags: '-r, --retrylimit <number>',
    meaning: 'how often an index is tried again; otherwise 3',
    parse: wholeNumber(0, 5),
  },
  {
    flags: '--maxexecutiontime <seconds>',
    aliases: ['--met'],
    meaning: 'time that a run has; otherwise 7200',
    parse: wholeNumber(1, 86_400),
  },
  { flags: '-e, --env <NAME=VALUE>', meaning: 'a variable; may be repeated', parse },
  {
    flags: '--env-from-configmap <reference>',
    aliases: ['--env-cm'],
    meaning: 'variables of a config map: NAME, PREFIX=NAME, NAME:KEY1,KEY2 or NAME:NEW=KEY; may be repeated',
    parse,
  },
  {
    flags: '--env-from-secret <reference>',
    aliases: ['--env-sec'],
    meaning: 'variables of a secret, likewise; may be repeated',
    parse,
  },
  {
    flags: '--mount-configmap <DIR=NAME>',
    meaning: 'a config map as a folder with a file for each key; may be repeated',
    parse,
  },
  { flags: '--mount-secret <DIR=NAME>', meaning: 'a secret, likewise; may be repeated', parse },
  {
    flags: '--parallelism <number>',
    meaning: 'instances at the same time, over all machines; otherwise no limit',
    parse: wholeNumber(1, 10_000),
  },
  {
    flags: '--depends-on <name>',
    meaning: 'a run or job that must have completed, or a URL that must answer; may be repeated',
    parse,
  },
  {
    flags: '--ttl <seconds>',
    meaning: 'how long a finished run can be seen; otherwise a week',
    parse: wholeNumber(0, 315_360_000),
  },
  {
    flags: '--visibility <who>',
    meaning: 'who may ask for runs over HTTP; otherwise public',
    choices: ['public', 'private'],
  },
  {
    flags: '--images-whitelist <pattern>',
    meaning: 'images that a run may choose instead, * for any characters; may be repeated',
    parse,
  },
]

const removalRows: readonly Row[] = [
  { flags: '--arguments-clear', aliases: ['--ac'], meaning: 'without the arguments that there are' },
  { flags: '--commands-clear', aliases: ['--cc'], meaning: 'without the command that there is' },
  { flags: '--env-rm <name>', meaning: 'without that variable; may be repeated', parse },
  {
    flags: '--env-from-configmap-rm <name>',
    meaning: 'without all the variables of that config map; may be repeated',
    parse,
  },
  { flags: '--env-from-secret-rm <name>', meaning: 'without all the variables of that secret; may be repeated', parse },
  { flags: '--mount-rm <directory>', meaning: 'without that folder; may be repeated', parse },
  { flags: '--depends-on-rm <name>', meaning: 'without that dependency; may be repeated', parse },
]

/** Adds the options that say what a job or a run is. */
export function withDefinitionOptions<Args extends unknown[], Opts extends Record<string, unknown>>(
  command: Command<Args, Opts>,
): Command<Args, Opts & DefinitionOptions>
// The types of so many options are more than a compiler infers, so they are the interface above.
export function withDefinitionOptions(command: CommandUnknownOpts): CommandUnknownOpts {
  return withRows(command, definitionRows)
}

/** Adds the options that take something away from a job, or from a run that is submitted again. */
export function withRemovalOptions<Args extends unknown[], Opts extends Record<string, unknown>>(
  command: Command<Args, Opts>,
): Command<Args, Opts & RemovalOptions>
export function withRemovalOptions(command: CommandUnknownOpts): CommandUnknownOpts {
  return withRows(command, removalRows)
}

/** Adds the option that only runs have. */
export function withArraySizeOverride<Args extends unknown[], Opts extends Record<string, unknown>>(
  command: Command<Args, Opts>,
) {
  const meaning = 'what the program is told as JOB_ARRAY_SIZE; otherwise the number of indexes'
  const option = new Option('--array-size-var-override <number>', meaning).argParser(wholeNumber(1, 10_000_000))
  return command.addOption(withAliases(option, '--asvo'))
}

function withRows(command: CommandUnknownOpts, rows: readonly Row[]): CommandUnknownOpts {
  for (const row of rows) {
    const option = withAliases(new Option(row.flags, row.meaning), ...(row.aliases ?? []))
    command.addOption(row.choices ? option.choices(row.choices) : row.parse ? option.argParser(row.parse) : option)
  }
  return command
}
