import { type Command, Option } from '@commander-js/extra-typings'
import { parseFormat } from './output/format.ts'

/** The options that every command takes, before or after its name. */
export function withGlobalOptions(program: Command) {
  return program
    .addOption(
      new Option(
        '--local [directory]',
        'work in a folder of this machine, without AWS; a directory of its own goes after "="',
      ),
    )
    .option('--endpoint <url>', 'a server that speaks the protocols of S3 and SQS, instead of AWS')
    .option('--region <name>', "AWS region; otherwise the environment's or the profile's")
    .option('--profile <name>', "profile of AWS's shared configuration files")
    .addOption(
      new Option('-o, --output <format>', 'table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION')
        .default({ kind: 'table' as const }, 'table')
        .argParser(parseFormat),
    )
    .option('-q, --quiet', 'say nothing but the data, and what goes wrong')
    .option('--no-progress', 'draw no progress bars')
    .option('--no-color', 'colour nothing, as with NO_COLOR')
    .option('--config <file>', 'settings to read; otherwise remotejob.config.json, .js or .ts here, if there is one')
    .option('--debug', 'show where an error comes from')
}

export type Globals = ReturnType<ReturnType<typeof withGlobalOptions>['opts']>

/** The folder that `--local` means when it is given without one. */
export const defaultDirectory = '.remotejob'

/** The words before `--`: what stands behind it is somebody else's. */
export function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--')
  return end === -1 ? words : words.slice(0, end)
}
