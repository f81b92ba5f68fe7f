import { Command, Option } from '@commander-js/extra-typings'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { Problem } from '../problem.ts'
import { withDefinitionOptions, withRemovalOptions } from '../runs/definition-options.ts'
import { withRunsPlace } from '../runs/place.ts'
import type { Session } from '../session.ts'
import { withAliases } from '../spelling.ts'

/** `remotejob job` */
export function jobCommand(session: Session) {
  return new Command('job')
    .helpCommand(false)
    .summary('keep the definitions of jobs that runs are made from')
    .description(
      'A job is what is run: a program or an image, with its arguments, variables, indexes and limits. Options and their defaults are those of IBM Code Engine.',
    )
    .addCommand(createCommand(session))
    .addCommand(updateCommand(session))
    .addCommand(getCommand(session))
    .addCommand(listCommand(session))
    .addCommand(deleteCommand(session))
    .addCommand(refusedCommand('bind'))
    .addCommand(refusedCommand('unbind'))
}

const named = (name: string) => withRunsPlace(new Command(name)).requiredOption('-n, --name <name>', 'name of the job')

function createCommand(session: Session) {
  const command = withDefinitionOptions(named('create'))
    .summary('store a job')
    .description('Stores a job under a name of 1 to 63 lower-case letters, digits and "-". Nothing is run.')
    .option('-f, --force', 'also when config maps or secrets that it refers to are not there yet')
    .action(async (options) => {
      const { createJob } = await import('../runs/jobs.ts')
      await createJob(session, options)
    })
  return withExamples(command, [
    ['remotejob job create --name sum --command ./sum.sh --array-size 100', 'a program of the workers’ machines'],
    [
      'remotejob job create -n render -i docker.io/library/blender -a --frames -a 1-99 -m 8G --retrylimit 0',
      'a container, and arguments that begin with "-"',
    ],
    [
      'remotejob job create -n mail --cmd ./mail.py -e LEVEL=info --env-from-secret smtp',
      'variables, and those of a secret',
    ],
  ])
}

function updateCommand(session: Session) {
  const command = withRemovalOptions(withDefinitionOptions(named('update')))
    .summary('change a job')
    .description(
      'Changes what is said, and leaves the rest. Variables and folders are added to those that there are, or replace those of the same name. Runs that were submitted keep what they had.',
    )
    .option('-f, --force', 'also when config maps or secrets that it refers to are not there yet')
    .action(async (options) => {
      const { updateJob } = await import('../runs/jobs.ts')
      await updateJob(session, options)
    })
  return withExamples(command, [
    ['remotejob job update -n sum --retrylimit 5 --env-rm LEVEL', 'more tries, and one variable less'],
  ])
}

function getCommand(session: Session) {
  const command = named('get')
    .summary('show a job')
    .description('Shows a job; with --output json as the API of Code Engine does, which `remotejob apply` reads.')
    .action(async (options) => {
      const { getJob } = await import('../runs/jobs.ts')
      await getJob(session, options)
    })
  return withExamples(command, [
    ['remotejob job get -n sum', 'for people'],
    ["remotejob job get -n sum -o jsonpath='{.scale_array_spec}'", 'one value'],
  ])
}

function listCommand(session: Session) {
  const command = withRunsPlace(new Command('list'))
    .summary('list jobs')
    .description('Lists the jobs that are stored.')
    .addOption(
      new Option('--sort-by <what>', 'name, or age with the newest first')
        .choices(['name', 'age'] as const)
        .default('name' as const),
    )
    .action(async (options) => {
      const { listJobs } = await import('../runs/jobs.ts')
      await listJobs(session, options)
    })
  return withExamples(command, [["remotejob job list -o jsonpath='{.jobs[*].name}'", 'their names, and nothing else']])
}

function deleteCommand(session: Session) {
  const command = named('delete')
    .summary('delete a job, with its runs')
    .description('Deletes a job and its runs; those that run are stopped. It asks first.')
    .option('--orphan-job-runs', 'leave its runs alone')
    .option('-f, --force', 'do not ask')
    .addOption(withAliases(new Option('--ignore-not-found', 'that there is none is no mistake'), '--inf'))
    .action(async (options) => {
      const { deleteJob } = await import('../runs/jobs.ts')
      await deleteJob(session, options)
    })
  return withExamples(command, [
    ['remotejob job delete -n sum --force', 'in a script'],
    ['remotejob job delete -n sum --orphan-job-runs', 'its runs go on'],
  ])
}

/** Code Engine has it, and it has no meaning here. */
function refusedCommand(name: 'bind' | 'unbind') {
  return new Command(name)
    .summary('not supported: use a secret')
    .description('Services of IBM Cloud are bound by Code Engine alone. Put their credentials into a secret instead.')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      const advice =
        'put the credentials into a secret (remotejob secret create), and give it to the job with --env-from-secret'
      throw new Problem(exitCodes.usage, `job ${name} is for services of IBM Cloud, which are not here: ${advice}`)
    })
}
