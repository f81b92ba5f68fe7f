import { Command, Option } from '@commander-js/extra-typings'
import { knownAs } from '../environment.ts'
import { withExamples } from '../help.ts'
import { seconds } from '../numbers.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'
import { collect, destinationTypeOption, extensionOption, pathOption } from './subscription-options.ts'

/** `remotejob subscription cos` */
export function cosCommand(session: Session) {
  return new Command('cos')
    .helpCommand(false)
    .summary('run a job for each object that is written or deleted')
    .description(
      'Watches a bucket: each object that is written to it or deleted from it makes a run of a job, whose program is told of it in CE_DATA and other variables, as IBM Code Engine tells of Cloud Object Storage. On AWS the bucket may be any of the account and region of the queue; with --local it is one of that folder.',
    )
    .addCommand(createCommand(session))
    .addCommand(updateCommand(session))
    .addCommand(getCommand(session))
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
}

/** `--bucket` and `--prefix` are about the objects here; of the queue's own place other commands say them. */
function withPlace(name: string) {
  return new Command(name)
    .option('--queue <name>', 'the queue that the runs go through', 'runs')
    .addOption(
      knownAs(
        new Option(
          '--queue-bucket <name>',
          "the queue's own bucket, when it is not remotejobs-QUEUE; REMOTEJOB_BUCKET",
        ),
        'bucket',
      ),
    )
    .addOption(
      knownAs(
        new Option('--queue-prefix <folder>', "folder of the queue's keys in that bucket; REMOTEJOB_PREFIX"),
        'prefix',
      ),
    )
}

const named = (name: string) => withPlace(name).requiredOption('-n, --name <name>', 'name of the subscription')

/** What `create` and `update` have in common. */
function withSubscription(name: string) {
  return named(name)
    .addOption(destinationTypeOption())
    .addOption(
      new Option('--event-type <type>', 'which events: write, delete or all').choices([
        'write',
        'delete',
        'all',
      ] as const),
    )
    .addOption(
      knownAs(new Option('--prefix <text>', 'only keys that begin so; plain text, without wildcards'), 'event-prefix'),
    )
    .addOption(
      knownAs(new Option('--suffix <text>', 'only keys that end so; plain text, without wildcards'), 'event-suffix'),
    )
    .addOption(extensionOption())
    .addOption(pathOption())
    .option('-f, --force', 'also when the job is not there yet: events wait until it is')
    .option('-w, --wait', 'wait until events make runs, as is the default without --force')
    .addOption(withAliases(new Option('--no-wait', 'do not wait for that'), '--nw'))
    .addOption(
      withAliases(
        new Option('--wait-timeout <seconds>', 'wait no longer than that').argParser(seconds).default(15),
        '--wto',
      ),
    )
}

function createCommand(session: Session) {
  const command = withSubscription('create')
    .requiredOption('-d, --destination <job>', 'the job to run')
    .addOption(
      knownAs(new Option('-b, --bucket <name>', 'whose objects are watched').makeOptionMandatory(), 'event-bucket'),
    )
    .summary('watch a bucket')
    .description(
      'Watches a bucket under a name of 1 to 63 lower-case letters, digits and "-". On AWS it adds to the notifications of the bucket and to the policy of the queue, and leaves what others have there.',
    )
    .action(async (options) => {
      const { createSubscription } = await import('./cos-subscriptions.ts')
      await createSubscription(session, options)
    })
  return withExamples(command, [
    [
      'remotejob subscription cos create -n uploads -d resize -b my-photos --prefix in/ --suffix .jpg --event-type write',
      'a run of resize for each photograph below in/',
    ],
    [
      'remotejob subscription cos create -n all -d audit -b my-photos --extension team=web --force',
      'everything, and CE_TEAM for the program; audit may come later',
    ],
  ])
}

function updateCommand(session: Session) {
  const command = withSubscription('update')
    .option('-d, --destination <job>', 'the job to run')
    .option('--extension-rm <name>', 'remove an extension; may be repeated', collect)
    .summary('change a subscription')
    .description(
      'Changes what is said, and leaves the rest; extensions are added, or replace those of the same name. Another bucket takes another subscription.',
    )
    .action(async (options) => {
      const { updateSubscription } = await import('./cos-subscriptions.ts')
      await updateSubscription(session, options)
    })
  return withExamples(command, [
    [
      'remotejob subscription cos update -n uploads --suffix .png --extension-rm team',
      'other keys, and one variable less',
    ],
  ])
}

function getCommand(session: Session) {
  const command = named('get')
    .summary('show a subscription, and whether its events make runs')
    .description('Shows a subscription. Where it is not ready the reason says why.')
    .action(async (options) => {
      const { getSubscription } = await import('./cos-subscriptions.ts')
      await getSubscription(session, options)
    })
  return withExamples(command, [["remotejob subscription cos get -n uploads -o jsonpath='{.ready}'", 'true or false']])
}

function listCommand(session: Session) {
  const command = withPlace('list')
    .summary('list subscriptions')
    .description('Lists the subscriptions to buckets.')
    .addOption(
      new Option('--sort-by <what>', 'name, or age with the newest first')
        .choices(['name', 'age'] as const)
        .default('name' as const),
    )
    .action(async (options) => {
      const { listSubscriptions } = await import('./cos-subscriptions.ts')
      await listSubscriptions(session, options)
    })
  return withExamples(command, [['remotejob subscription cos list', 'all of them']])
}

function deleteCommand(session: Session) {
  const command = named('delete')
    .summary('watch a bucket no more')
    .description(
      'Deletes a subscription. Events that wait make no run any more; runs that were made go on. It asks first.',
    )
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .action(async (options) => {
      const { deleteSubscription } = await import('./cos-subscriptions.ts')
      await deleteSubscription(session, options)
    })
  return withExamples(command, [['remotejob subscription cos delete -n uploads --force', 'in a script']])
}
