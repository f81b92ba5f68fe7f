import { Command, Option } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { seconds } from '../numbers.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'
import { withRunsPlace } from './place.ts'
import { collect, destinationTypeOption, extensionOption, pathOption } from './subscription-options.ts'

/** `remotejob subscription cron` */
export function cronCommand(session: Session) {
  return new Command('cron')
    .helpCommand(false)
    .summary('run a job at the times of a cron expression')
    .description(
      'Runs a job again and again. Its program has the data in CE_DATA and other variables, as IBM Code Engine gives them. A scheduler has to run: every remotejob work --runs is one. remotejob schedule shows these subscriptions, too, and pauses them.',
    )
    .addCommand(createCommand(session))
    .addCommand(updateCommand(session))
    .addCommand(getCommand(session))
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
}

const named = (name: string) =>
  withRunsPlace(new Command(name)).requiredOption('-n, --name <name>', 'name of the subscription')

/** What `create` and `update` have in common. */
function withSubscription(name: string) {
  return named(name)
    .addOption(destinationTypeOption())
    .addOption(withAliases(new Option('--time-zone <name>', 'such as Europe/Zurich; UTC unless it is said'), '--tz'))
    .option('--data <text>', 'what the program has in CE_DATA, 4096 bytes at most; what is no JSON as {"body":"…"}')
    .addOption(withAliases(new Option('--data-base64 <text>', 'the same in base64; it has to be text'), '--db'))
    .addOption(withAliases(new Option('--content-type <type>', 'its media type, CONTENT_TYPE to the program'), '--ct'))
    .addOption(extensionOption())
    .addOption(pathOption())
    .option('-f, --force', 'also when the job is not there yet: ticks fail until it is')
    .option('-w, --wait', 'changes nothing: a subscription is ready at once')
    .addOption(withAliases(new Option('--no-wait', 'changes nothing, either'), '--nw'))
    .addOption(
      withAliases(new Option('--wait-timeout <seconds>', 'changes nothing, either').argParser(seconds), '--wto'),
    )
}

function createCommand(session: Session) {
  const command = withSubscription('create')
    .requiredOption('-d, --destination <job>', 'the job to run')
    .option('-s, --schedule <expression>', 'minute, hour, day of month, month and day of week', '* * * * *')
    .summary('begin to run a job again and again')
    .description(
      'Begins a subscription under a name of 1 to 63 lower-case letters, digits, "-" and "_". Its first run is at the first tick after now.',
    )
    .action(async (options) => {
      const { createCron } = await import('./cron-subscriptions.ts')
      await createCron(session, options)
    })
  return withExamples(command, [
    [
      `remotejob subscription cron create -n five -d report --schedule '*/5 * * * *' --data '{"kind":"full"}'`,
      'every five minutes',
    ],
    [
      "remotejob subscription cron create -n night -d report -s '30 2 * * *' --tz Europe/Zurich --data night --ct text/plain",
      'by the clock of a place',
    ],
  ])
}

function updateCommand(session: Session) {
  const command = withSubscription('update')
    .option('-d, --destination <job>', 'the job to run')
    .option('-s, --schedule <expression>', 'minute, hour, day of month, month and day of week')
    .option('--extension-rm <name>', 'remove an extension; may be repeated', collect)
    .summary('change a subscription')
    .description(
      'Changes what is said, and leaves the rest; extensions are added, or replace those of the same name. Empty data and an empty media type are none.',
    )
    .action(async (options) => {
      const { updateCron } = await import('./cron-subscriptions.ts')
      await updateCron(session, options)
    })
  return withExamples(command, [
    ["remotejob subscription cron update -n five --schedule '*/2 * * * *' --data ''", 'more often, and without data'],
  ])
}

function getCommand(session: Session) {
  const command = named('get')
    .summary('show a subscription, and when it comes next')
    .description('Shows a subscription. Where it is not ready the reason says why.')
    .action(async (options) => {
      const { getCron } = await import('./cron-subscriptions.ts')
      await getCron(session, options)
    })
  return withExamples(command, [["remotejob subscription cron get -n five -o jsonpath='{.next}'", 'the next tick']])
}

function listCommand(session: Session) {
  const command = withRunsPlace(new Command('list'))
    .summary('list subscriptions')
    .description('Lists the subscriptions to times.')
    .addOption(
      new Option('--sort-by <what>', 'name, or age with the newest first')
        .choices(['name', 'age'] as const)
        .default('name' as const),
    )
    .action(async (options) => {
      const { listCrons } = await import('./cron-subscriptions.ts')
      await listCrons(session, options)
    })
  return withExamples(command, [['remotejob subscription cron list', 'all of them']])
}

function deleteCommand(session: Session) {
  const command = named('delete')
    .summary('run a job at these times no more')
    .description(
      'Deletes a subscription: no tick that comes later makes a run. Runs that were made go on. It asks first.',
    )
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .action(async (options) => {
      const { deleteCron } = await import('./cron-subscriptions.ts')
      await deleteCron(session, options)
    })
  return withExamples(command, [['remotejob subscription cron delete -n five --force', 'in a script']])
}
