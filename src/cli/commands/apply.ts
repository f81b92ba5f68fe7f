import { Command } from '@commander-js/extra-typings'
import { collect } from '../collect.ts'
import { withExamples } from '../help.ts'
import { withRunsPlace } from '../runs/place.ts'
import type { Session } from '../session.ts'

/** `remotejob apply` */
export function applyCommand(session: Session) {
  const command = withRunsPlace(new Command('apply'))
    .summary('store jobs as files describe them')
    .description(
      'Stores the jobs that files describe, and changes those that are there already; running it again changes nothing. A file is JSON or YAML, with jobs as the API of Code Engine shows them (one, a list, or several documents), or with a configuration of SlimFaas. Everything is checked before anything is stored.',
    )
    .option(
      '-f, --filename <file>',
      'a file, or - for standard input; may be repeated. Otherwise SlimFaas__JobsConfiguration or SLIMFAAS_JOBS_CONFIGURATION of the environment, which hold a configuration or name a file',
      collect,
    )
    .option('--force', 'also when config maps or secrets that jobs refer to are not there yet')
    .option('--dry-run', 'only say what would become of each job')
    .action(async (options) => {
      const { applyFiles } = await import('../runs/apply.ts')
      await applyFiles(session, options)
    })
  return withExamples(command, [
    ['remotejob apply -f jobs.yaml --dry-run', 'what it would do'],
    ['remotejob apply -f jobs.yaml', 'do it'],
    ['remotejob job get -n sum -o json | remotejob apply -f - --queue other', 'the same job in another project'],
  ])
}
