import { Command, Option } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { collectPairs, parseObject } from '../metadata.ts'
import { wholeNumber } from '../numbers.ts'
import { withRunsPlace } from '../runs/place.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'

const yearSeconds = 31_536_000

/** `remotejob schedule` */
export function scheduleCommand(session: Session) {
  return new Command('schedule')
    .helpCommand(false)
    .summary('make jobs and runs again and again')
    .description(
      'A schedule makes a job of a queue, or a run, at each tick of a cron expression. A scheduler has to run for it: every remotejob work on that queue is one, and several make no more of it.',
    )
    .addCommand(createCommand(session))
    .addCommand(listCommand(session))
    .addCommand(pauseCommand(session))
    .addCommand(resumeCommand(session))
    .addCommand(deleteCommand(session))
}

const named = (name: string) =>
  withRunsPlace(new Command(name)).requiredOption('-n, --name <name>', 'name of the schedule')

function createCommand(session: Session) {
  const command = named('create')
    .argument('[file]', 'what the jobs read, 64 KiB at most; "-" is standard input')
    .requiredOption('--cron <expression>', 'minute, hour, day of month, month and day of week: "30 2 * * MON-FRI"')
    .addOption(withAliases(new Option('--time-zone <name>', 'such as Europe/Zurich').default('UTC'), '--tz'))
    .addOption(
      new Option(
        '--missed <policy>',
        'what becomes of ticks when no scheduler ran: none, one job for all, or every one',
      )
        .choices(['skip', 'once', 'all'] as const)
        .default('once' as const),
    )
    .option('-j, --job <name>', 'make runs of that job, which is stored, instead of jobs')
    .option('-f, --force', 'with --job, also when it is not there yet')
    .option('--metadata <key=value>', 'metadata of the jobs, as text; may be repeated', collectPairs)
    .option('--metadata-json <object>', 'the same, as JSON', parseObject)
    .option('--content-type <type>', 'media type of the file')
    .option('--attempts <number>', 'tries that a job has', wholeNumber(1, 1000))
    .option('--timeout <seconds>', 'the most that one try may take', wholeNumber(1, yearSeconds))
    .option(
      '--expires <seconds>',
      'jobs that nobody started so long after their tick end as expired',
      wholeNumber(1, yearSeconds),
    )
    .option('--group <name>', 'tenant, to be served fairly beside others')
    .summary('begin a schedule')
    .description(
      'Begins a schedule under a name of 1 to 63 lower-case letters, digits, "-" and "_". With --queue its ticks make jobs of that queue; with --job, runs.',
    )
    .action(async (file, options, self) => {
      const { createSchedule } = await import('../schedules/schedules.ts')
      const said = (option: string): boolean => !['default', undefined].includes(self.getOptionValueSource(option))
      await createSchedule(session, file, { ...options, said })
    })
  return withExamples(command, [
    [
      "remotejob schedule create -n nightly --queue reports --cron '30 2 * * MON-FRI' --tz Europe/Zurich --metadata kind=full",
      'a job of the queue reports, every working night',
    ],
    [
      "remotejob schedule create -n weekly --job render --cron '0 6 * * MON' --missed skip",
      'a run of a job that is stored',
    ],
    ["remotejob schedule create -n probe --queue checks --cron '*/15 * * * *' urls.txt", 'jobs that read a file'],
  ])
}

function listCommand(session: Session) {
  const command = withRunsPlace(new Command('list'))
    .summary('list schedules, and when they come next')
    .description('Lists the schedules of a queue.')
    .action(async (options) => {
      const { listSchedules } = await import('../schedules/schedules.ts')
      await listSchedules(session, options)
    })
  return withExamples(command, [
    ['remotejob schedule list --queue reports', 'of jobs'],
    ["remotejob schedule list -o jsonpath='{.schedules[*].name}'", 'the names of those of runs'],
  ])
}

function pauseCommand(session: Session) {
  const command = named('pause')
    .summary('let a schedule rest')
    .description(
      'Lets a schedule rest: no tick that comes later begins a job, not even one that was sent ahead of its time.',
    )
    .action(async (options) => {
      const { switchSchedule } = await import('../schedules/schedules.ts')
      await switchSchedule(session, 'pause', options)
    })
  return withExamples(command, [['remotejob schedule pause -n nightly --queue reports', 'until it is resumed']])
}

function resumeCommand(session: Session) {
  const command = named('resume')
    .summary('let a schedule go on')
    .description('Lets a schedule go on with its next tick; those while it rested are not made up for.')
    .action(async (options) => {
      const { switchSchedule } = await import('../schedules/schedules.ts')
      await switchSchedule(session, 'resume', options)
    })
  return withExamples(command, [['remotejob schedule resume -n nightly --queue reports', 'from now on']])
}

function deleteCommand(session: Session) {
  const command = named('delete')
    .summary('end a schedule')
    .description('Ends a schedule and forgets it. Jobs and runs that it made go on. It asks first.')
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .action(async (options) => {
      const { deleteSchedule } = await import('../schedules/schedules.ts')
      await deleteSchedule(session, options)
    })
  return withExamples(command, [['remotejob schedule delete -n nightly --queue reports --force', 'in a script']])
}
