import { Command, Option } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { seconds, wholeNumber } from '../numbers.ts'
import { withArraySizeOverride, withDefinitionOptions, withRemovalOptions } from '../runs/definition-options.ts'
import { withRunsPlace } from '../runs/place.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'

/** `remotejob jobrun` */
export function jobRunCommand(session: Session) {
  return new Command('jobrun')
    .helpCommand(false)
    .summary('run jobs, once for each index of an array')
    .description(
      'A run has an instance for each index of its job: a program, or a container, on any machine with `remotejob work --runs`. Options and their defaults are those of IBM Code Engine.',
    )
    .addCommand(submitCommand(session))
    .addCommand(resubmitCommand(session))
    .addCommand(getCommand(session))
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
    .addCommand(logsCommand(session))
    .addCommand(eventsCommand(session))
    .addCommand(restartCommand(session))
}

function withWaitOptions<Args extends unknown[], Opts extends Record<string, unknown>>(command: Command<Args, Opts>) {
  return command
    .option('-f, --force', 'also when config maps or secrets that it refers to are not there yet')
    .option('-w, --wait', 'wait for the end, and draw the indexes meanwhile; a run that fails fails the command')
    .addOption(withAliases(new Option('--no-wait', 'print the name of the run, and end'), '--nw'))
    .addOption(
      withAliases(
        new Option('--wait-timeout <seconds>', 'wait no longer than that').argParser(seconds).default(600),
        '--wto',
      ),
    )
}

function submitCommand(session: Session) {
  const command = withWaitOptions(
    withArraySizeOverride(
      withDefinitionOptions(
        withRunsPlace(new Command('submit'))
          .option('-n, --name <name>', 'name of the run; otherwise JOB-jobrun- and five characters')
          .option('-j, --job <name>', 'the job to run; what is said beside it counts for this run alone'),
      ),
    ),
  )
    .summary('run a job, or a program or image without one')
    .description(
      'Submits a run: two small objects and one message, however many indexes it has. Prints its name; with --wait, how it ended.',
    )
    .action(async (options) => {
      const { submitRun } = await import('../runs/submit-run.ts')
      await submitRun(session, options)
    })
  return withExamples(command, [
    [
      'remotejob jobrun submit --job render --array-indexes 1-99 --wait',
      'a job that is stored, and a picture of its indexes',
    ],
    ['remotejob jobrun submit -n sums --cmd ./sum.sh --as 1000', 'a program a thousand times, without a job'],
    ['run=$(remotejob jobrun submit --job render)', 'the name of the run in a variable'],
  ])
}

function resubmitCommand(session: Session) {
  const command = withWaitOptions(
    withArraySizeOverride(
      withRemovalOptions(
        withDefinitionOptions(
          withRunsPlace(new Command('resubmit'))
            .requiredOption('-j, --jobrun <name>', 'the earlier run')
            .option('-n, --name <name>', 'name of the new run; must be said when the earlier one was made from no job')
            .option('--failed', 'only the indexes that failed; JOB_ARRAY_SIZE stays'),
        ),
      ),
    ),
  )
    .summary('run an earlier run again, or what failed of it')
    .description('Submits a run like an earlier one, with what is said instead. Prints its name.')
    .action(async (options) => {
      const { resubmitRun } = await import('../runs/submit-run.ts')
      await resubmitRun(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun resubmit --jobrun render-jobrun-1a2b3 --failed', 'what failed, once the cause is mended'],
    ['remotejob jobrun resubmit -j sums -n sums-2 --array-indexes 4-5 -m 8G', 'two indexes, with more memory'],
  ])
}

function getCommand(session: Session) {
  const command = withRunsPlace(new Command('get'))
    .requiredOption('-n, --name <name>', 'name of the run')
    .addOption(withAliases(new Option('--no-wait', 'show it once, also on a terminal'), '--nw'))
    .summary('show a run')
    .description(
      'Shows a run and its instances. On a terminal its indexes are drawn until it has ended; Ctrl-C ends that, and not the run. With --output json it is as the API of Code Engine shows it.',
    )
    .action(async (options) => {
      const { getRun } = await import('../runs/runs.ts')
      await getRun(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun get -n sums', 'live, on a terminal'],
    ["remotejob jobrun get -n sums -o jsonpath='{.status_details.failed_indices}'", 'what failed, as 2-4,6-8'],
  ])
}

function listCommand(session: Session) {
  const command = withRunsPlace(new Command('list'))
    .option('-j, --job <name>', 'only runs of that job')
    .addOption(
      new Option('--sort-by <what>', 'name, or age with the newest first')
        .choices(['name', 'age'] as const)
        .default('name' as const),
    )
    .summary('list runs')
    .description('Lists the runs that can be seen, with the counts of their indexes.')
    .action(async (options) => {
      const { listRuns } = await import('../runs/runs.ts')
      await listRuns(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun list --sort-by age', 'the newest first'],
    ["remotejob jobrun list -j render -o jsonpath='{.job_runs[*].name}'", 'the names of one job’s runs'],
  ])
}

function deleteCommand(session: Session) {
  const command = withRunsPlace(new Command('delete'))
    .option('-n, --name <name>', 'name of the run')
    .option('-j, --job <name>', 'all runs of that job')
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .summary('end a run, and forget it')
    .description(
      'Deletes a run, or all runs of a job; what runs is stopped. It is how a daemon is ended. It asks first.',
    )
    .action(async (options) => {
      const { deleteRuns } = await import('../runs/runs.ts')
      await deleteRuns(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun delete -n sums --force', 'one run'],
    ['remotejob jobrun delete --job render --force', 'all of a job'],
  ])
}

const chosen = (name: string) =>
  withRunsPlace(new Command(name))
    .addOption(withAliases(new Option('-j, --jobrun <name>', 'all instances of that run'), '-n', '--name'))
    .option('-i, --instance <name>', 'one instance, such as myrun-1-0')

function logsCommand(session: Session) {
  const command = chosen('logs')
    .option('-f, --follow', 'go on until all has ended')
    .option(
      '-t, --tail <number>',
      'only so many last lines of each instance; -1 for all',
      wholeNumber(-1, 1_000_000_000),
      -1,
    )
    .option('--timestamps', 'with the time of each line, when it was written to the log')
    .option('--raw', 'without headings')
    .summary('show what instances printed')
    .description('Shows what instances printed, one after the other, each under a heading INSTANCE/JOB.')
    .action(async (options) => {
      const { showRunLogs } = await import('../runs/run-records.ts')
      await showRunLogs(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun logs -n sums --follow', 'all of a run, as it comes'],
    ['remotejob jobrun logs --instance sums-7-0 --tail 20', 'the end of one instance'],
  ])
}

function eventsCommand(session: Session) {
  const command = chosen('events')
    .summary('show what happened to instances')
    .description('Shows what happened to a run and its instances, the oldest first.')
    .action(async (options) => {
      const { showRunEvents } = await import('../runs/run-records.ts')
      await showRunEvents(session, options)
    })
  return withExamples(command, [['remotejob jobrun events -n sums', 'starts, retries, failures and ends']])
}

function restartCommand(session: Session) {
  const command = withRunsPlace(new Command('restart'))
    .requiredOption('-n, --name <name>', 'name of the run')
    .summary('begin the running instances of a run anew')
    .description('Stops the instances that run and begins them anew, which costs them no retry. Prints their indexes.')
    .action(async (options) => {
      const { restartRun } = await import('../runs/runs.ts')
      await restartRun(session, options)
    })
  return withExamples(command, [
    ['remotejob jobrun restart -n server', 'a daemon that is to read its configuration again'],
  ])
}
