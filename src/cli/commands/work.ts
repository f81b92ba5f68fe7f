import { Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import { processors, seconds, wholeNumber } from '../numbers.ts'
import { withPlace } from '../place.ts'
import type { Session } from '../session.ts'

const collectWords = (word: string, before: readonly string[] = []): readonly string[] => [...before, word]

/** `remotejob work` */
export function workCommand(session: Session) {
  const command = withPlace(new Command('work').argument('<queue>').argument('[command...]'))
    .usage('[options] <queue> -- <command> [args...]')
    .summary('run a program for every job')
    .description(
      'Runs a program for every job of a queue, until Ctrl-C or SIGTERM: the first finishes what is in hand, the second gives it back. The input is the file $JOB_INPUT, metadata is in $JOB_METADATA and $JOB_META_<NAME>, and files in $JOB_OUTPUT_DIR, stdout and stderr are handed back. Exit code 0 completes a job, 78 fails it at once, any other is tried again.',
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
    .option('--engine-option <word>', 'an option for the engine, such as --network=none; may be repeated', collectWords)
    .option('--cpus <number>', 'processors of a container, with fractions', processors)
    .option(
      '--memory <bytes>',
      'memory of a container; one that takes more is ended',
      wholeNumber(6_291_456, Number.MAX_SAFE_INTEGER),
    )
    .option('--no-scheduler', 'do not send jobs whose time has come (submit --at)')
    .option('--status <name>', 'the status to take jobs from', 'pending')
    .action(async (name, words, options) => {
      const { workOn } = await import('../work.ts')
      await workOn(session, name, words, options)
    })
  return withExamples(command, [
    [
      'remotejob work thumbs -c 4 -- sh -c \'convert "$JOB_INPUT" -resize 320 "$JOB_OUTPUT_DIR/thumb.png"\'',
      'four at a time, until Ctrl-C',
    ],
    ['remotejob work sums --local --once -- sha256sum', 'one job, in a folder of this machine'],
    [
      'remotejob work renders --drain --timeout 3600 -- ./render.sh',
      'in a batch container that starts when there is work',
    ],
  ])
}
