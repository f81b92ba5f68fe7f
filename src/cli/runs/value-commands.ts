import { Command, Option } from '@commander-js/extra-typings'
import { collect } from '../collect.ts'
import { withExamples } from '../help.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'
import type { Kind } from './missing.ts'
import { withRunsPlace } from './place.ts'

/** Config maps or secrets: the commands are the same but for what is shown. */
export interface ValueKind extends Kind {
  readonly command: 'configmap' | 'secret'
  readonly noun: 'config map' | 'secret'
  /** A name for examples. */
  readonly example: string
}

/** `remotejob configmap …` or `remotejob secret …` */
export function valueCommands(session: Session, kind: ValueKind) {
  return new Command(kind.command)
    .helpCommand(false)
    .addCommand(createCommand(session, kind))
    .addCommand(updateCommand(session, kind))
    .addCommand(getCommand(session, kind))
    .addCommand(listCommand(session, kind))
    .addCommand(deleteCommand(session, kind))
}

function named(name: string, { noun }: ValueKind) {
  return withRunsPlace(new Command(name)).requiredOption('-n, --name <name>', `name of the ${noun}`)
}

/** The options that values come from. */
function withValues(name: string, kind: ValueKind) {
  const literal =
    kind.command === 'secret'
      ? 'a value; without "=VALUE" it is asked for, as it should be: with it others see it in the list of processes, and the shell’s history keeps it'
      : 'a value'
  return named(name, kind)
    .option('-l, --from-literal <key=value>', `${literal}; may be repeated`, collect)
    .option(
      '-f, --from-file <[key=]file>',
      'a file as it is, under its own name or another key; "-" is standard input, and needs a key; may be repeated',
      collect,
    )
    .option(
      '-e, --from-env-file <file>',
      'a file of lines KEY=VALUE, which are taken as they are, without quotes or escapes; may be repeated',
      collect,
    )
}

function createCommand(session: Session, kind: ValueKind) {
  const { command: word, noun, example } = kind
  const command = withValues('create', kind)
    .summary(`store a ${noun}`)
    .description(
      `Stores a ${noun} under a name of 1 to 253 lower-case letters, digits, "." and "-". Keys are 1 to 253 letters, digits, ".", "_" and "-"; all together has 1 MiB at most.${word === 'secret' ? ' It is an object in the bucket, and its values can be read by whoever may read that folder, secrets/.' : ''}`,
    )
    .action(async (options) => {
      const { createValues } = await import('./values.ts')
      await createValues(session, kind, options)
    })
  return withExamples(
    command,
    word === 'secret'
      ? [
          [`remotejob secret create -n ${example} --from-literal password`, 'asks for the value'],
          [`pass show db | remotejob secret create -n ${example} --from-file password=-`, 'from another program'],
          [`remotejob secret create -n tls --from-file tls.key --from-file cert=server.pem`, 'files'],
        ]
      : [
          [`remotejob configmap create -n ${example} --from-literal QUALITY=80`, 'a value'],
          [`remotejob configmap create -n ${example} --from-env-file .env --from-file render.conf`, 'files'],
        ],
  )
}

function updateCommand(session: Session, kind: ValueKind) {
  const { command: word, noun, example } = kind
  const command = withValues('update', kind)
    .summary(`change a ${noun}`)
    .description(
      'Adds and replaces values, and leaves those under other keys. Instances that start afterwards have the new ones.',
    )
    .option('--rm <key>', 'remove a key; may be repeated', collect)
    .action(async (options) => {
      const { updateValues } = await import('./values.ts')
      await updateValues(session, kind, options)
    })
  return withExamples(command, [
    [`remotejob ${word} update -n ${example} --from-file password=new.txt --rm old`, 'one value new, and one less'],
  ])
}

function getCommand(session: Session, kind: ValueKind) {
  const { command: word, noun, example } = kind
  const shown = word === 'secret' ? 'keys' : 'values'
  const command = named('get', kind)
    .summary(`show the ${shown} of a ${noun}`)
    .description(
      word === 'secret' ? 'Shows the keys of a secret, and never its values.' : 'Shows the values of a config map.',
    )
    .action(async (options) => {
      const { getValues } = await import('./values.ts')
      await getValues(session, kind, options)
    })
  const path = word === 'secret' ? '{.keys[*]}' : '{.data.QUALITY}'
  return withExamples(command, [
    [`remotejob ${word} get -n ${example}`, 'for people'],
    [
      `remotejob ${word} get -n ${example} -o jsonpath='${path}'`,
      `${word === 'secret' ? 'all keys' : 'one value'}, and nothing else`,
    ],
  ])
}

function listCommand(session: Session, kind: ValueKind) {
  const command = withRunsPlace(new Command('list'))
    .summary(`list ${kind.noun}s`)
    .description(`Lists the ${kind.noun}s that are stored.`)
    .addOption(
      new Option('--sort-by <what>', 'name, or age with the newest first')
        .choices(['name', 'age'] as const)
        .default('name' as const),
    )
    .action(async (options) => {
      const { listValues } = await import('./values.ts')
      await listValues(session, kind, options)
    })
  return withExamples(command, [[`remotejob ${kind.command} list`, 'all of them']])
}

function deleteCommand(session: Session, kind: ValueKind) {
  const { command: word, noun, example } = kind
  const command = named('delete', kind)
    .summary(`delete a ${noun}`)
    .description(`Deletes a ${noun}. Instances that refer to it fail when they start. It asks first.`)
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .action(async (options) => {
      const { deleteValues } = await import('./values.ts')
      await deleteValues(session, kind, options)
    })
  return withExamples(command, [[`remotejob ${word} delete -n ${example} --force`, 'in a script']])
}
