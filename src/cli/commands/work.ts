import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { collect } from '../collect.ts'
import { exitCodes } from '../exit-codes.ts'
import { withExamples } from '../help.ts'
import { processors, seconds, wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import { Problem } from '../problem.ts'
import type { Session } from '../session.ts'

/** What means nothing to a program that is run for each job, by the option's name in the code. */
const ofRuns = {
  queue: '--queue',
  only: '--only',
  executor: '--executor',
  allowedImage: '--allowed-image',
  domain: '--domain',
  apiBaseUrl: '--api-base-url',
} as const

/** The same of what is about zips. */
const ofZips = { maxEntries: '--max-entries', maxUnpacked: '--max-unpacked', maxRatio: '--max-ratio' } as const

function collectExecutors(
  word: string,
  before: readonly ('process' | 'container')[] | undefined,
): readonly ('process' | 'container')[] {
  if (word === 'process' || word === 'container') return [...(before ?? []), word]
  throw new InvalidArgumentError('Expected process or container.')
}

/** `remotejob work` */
export function workCommand(session: Session) {
  const command = withPlace(new Command('work').argument('[queue]').argument('[command...]'))
    .usage(
      '[options] <queue> -- <command> [args...]\n       remotejob work [options] [queue] --runs\n       remotejob work [options] <queue> --zip',
    )
    .summary('run a program for every job')
    .description(
      'Runs a program for every job of a queue, until Ctrl-C or SIGTERM: the first finishes what is in hand, the second gives it back. The input is the file $JOB_INPUT, metadata is in $JOB_METADATA and $JOB_META_<NAME>, and files in $JOB_OUTPUT_DIR, stdout and stderr are handed back. Exit code 0 completes a job, 78 fails it at once, any other is tried again. With --runs it runs the instances of runs (jobrun submit) instead, whose jobs say what is run. With --zip each input is a zip: it is unpacked, the run.sh at its top is run once in its folder, and one zip of all that is there afterwards is handed back.',
    )
    .option('-c, --concurrency <number>', 'jobs at the same time', wholeNumber(1, 10_000), 1)
    .option('--once', 'take one job, and end with it')
    .option('--drain', 'end when the queue has been empty for 20 seconds')
    .option(
      '--timeout <seconds>',
      'the most that a job may take whose requester said nothing',
      wholeNumber(1, 31_536_000),
    )
    .option('--attempts <number>', 'tries of a job that says nothing of them', wholeNumber(1, 1000))
    .option('--lease <seconds>', 'a worker that gives no sign for so long loses its jobs', wholeNumber(3, 43_200))
    .option('--grace <seconds>', 'time between SIGTERM and SIGKILL for a program that has to end', seconds, 10)
    .option('--drain-timeout <seconds>', 'time that running jobs have after the first Ctrl-C or SIGTERM', seconds, 30)
    .option('--image <name>', 'run the program in a container of that image; without a program, what the image runs')
    .option('--engine <command>', 'what runs containers: podman or docker', 'podman')
    .option('--engine-option <word>', 'an option for the engine, such as --network=none; may be repeated', collect)
    .option('--cpus <number>', 'processors of a container, with fractions', processors)
    .option(
      '--memory <bytes>',
      'memory of a container; one that takes more is ended',
      wholeNumber(6_291_456, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--no-scheduler',
      'only work: neither send jobs at their time and make those of schedules, nor look after dead letters and old runs',
    )
    .option('--status <name>', 'the status to take jobs from', 'pending')
    .option('--runs', 'take instances of runs')
    .option('--queue <name>', 'with --runs, the queue that is not said first', 'runs')
    .option('--only <name>', 'with --runs, instances of that job alone; may be repeated', collect)
    .addOption(
      new Option(
        '--executor <kind>',
        'with --runs, only what runs so: process or container; may be repeated',
      ).argParser(collectExecutors),
    )
    .option(
      '--allowed-image <pattern>',
      'with --runs, images of containers, * for any characters; may be repeated',
      collect,
    )
    .option('--domain <name>', 'with --runs, what programs are told as CE_DOMAIN')
    .option('--api-base-url <url>', 'with --runs, what programs are told as CE_API_BASE_URL')
    .option('--zip', 'take jobs whose input is a zip with a run.sh')
    .option('--max-entries <number>', 'with --zip, files and folders of a zip (10000)', wholeNumber(1, 1_000_000))
    .option(
      '--max-unpacked <bytes>',
      'with --zip, bytes of all its files together (1073741824)',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--max-ratio <number>',
      'with --zip, bytes of its files for each byte of the zip, beyond the first 10 MB (200)',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .action(async (name, words, options, self) => {
      const said = (option: string): boolean => self.getOptionValueSource(option) === 'cli'
      const strayZip = Object.entries(ofZips).find(([option]) => said(option))?.[1]
      if (strayZip !== undefined && !options.zip)
        throw new Problem(exitCodes.usage, `Expected --zip beside ${strayZip}, which is about zips`)
      if (options.zip && options.runs) throw new Problem(exitCodes.usage, 'Expected --runs or --zip, and not both')
      if (options.runs) {
        const { workOnRuns } = await import('../runs/work-runs.ts')
        // A program without a queue before it would be taken for one.
        const program = process.argv.includes('--') ? [name ?? '', ...words] : words
        return workOnRuns(session, name, program, { ...options, said })
      }
      const stray = Object.entries(ofRuns).find(([option]) => said(option))?.[1]
      if (stray !== undefined)
        throw new Problem(exitCodes.usage, `Expected --runs beside ${stray}, which is about instances of runs`)
      const { workOn } = await import('../work.ts')
      await workOn(session, name, words, options)
    })
  return withExamples(command, [
    [
      'remotejob work thumbs -c 4 -- sh -c \'convert "$JOB_INPUT" -resize 320 "$JOB_OUTPUT_DIR/thumb.png"\'',
      'four at a time, until Ctrl-C',
    ],
    [`remotejob work sums --local --once -- sh -c 'sha256sum "$JOB_INPUT"'`, 'one job, in a folder of this machine'],
    [
      'remotejob work renders --drain --timeout 3600 -- ./render.sh',
      'in a batch container that starts when there is work',
    ],
    ['remotejob work jobd --zip --drain --timeout 600', 'zips with a run.sh, ten minutes each at most'],
    ['remotejob work --runs -c 8 --executor process', 'eight instances of runs at a time, and no containers'],
  ])
}
