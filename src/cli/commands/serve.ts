import { Command } from '@commander-js/extra-typings'
import { collect } from '../collect.ts'
import { collectProjects } from '../gateway/collect-projects.ts'
import { withExamples } from '../help.ts'
import { seconds, wholeNumber } from '../numbers.ts'
import type { Session } from '../session.ts'

const count = wholeNumber(1, 1_000_000)

/** `remotejob serve` */
export function serveCommand(session: Session) {
  const command = new Command('serve')
    .summary('jobs over HTTP, with a page to see them')
    .description(
      'Answers HTTP requests about queues, and shows them in a browser, until Ctrl-C or SIGTERM: the first lets requests end, the second does not. Without tokens only this machine gets in. Jobs of SlimFaas are read from SlimFaas__JobsConfiguration, and where jobs of jobd for Slurml go from SLURML_API_URL and SLURML_API_TOKEN.',
    )
    .option('--port <number>', 'the port; 0 for any that is free', wholeNumber(0, 65_535), 8080)
    .option('--host <address>', "the address; without --tokens only this machine's own", '127.0.0.1')
    .option(
      '--base-path <path>',
      'the path that it is at for its callers, such as /jobs, where a proxy in front keeps it in requests (default: none)',
    )
    .option('--tokens <file>', 'JSON or YAML with the entries that remotejob token create prints')
    .option(
      '--queue <pattern>',
      'a queue that is offered, * for any characters; may be repeated (default: all)',
      collect,
    )
    .option(
      '--project <id=queue>',
      'the queue of a project of Code Engine, by its id; may be repeated (default: the queue of that name)',
      collectProjects,
    )
    .option('--runs-queue <name>', 'the queue that runs go through', 'runs')
    .option(
      '--private-from <network>',
      'a network whose callers submit and read without a token, such as 10.0.0.0/8; may be repeated',
      collect,
    )
    .option(
      '--trusted-proxy <network>',
      'a network of proxies whose X-Forwarded-For is believed; may be repeated',
      collect,
    )
    .option(
      '--allowed-host <name>',
      'a name that the gateway is called by, * for any characters; may be repeated',
      collect,
    )
    .option(
      '--allowed-origin <origin>',
      'an origin whose pages may call the gateway, such as https://app.example.com; may be repeated',
      collect,
    )
    .option('--max-body <bytes>', 'most bytes of a body', wholeNumber(1, Number.MAX_SAFE_INTEGER), 5 * 1024 ** 3)
    .option('--max-rate <number>', 'requests a second of a caller', count, 500)
    .option('--max-requests <number>', 'requests at the same time', count, 4096)
    .option('--max-requests-per-caller <number>', 'the same of one caller', count, 1024)
    .option(
      '--no-scheduler',
      'only answer: neither send jobs at their time and make those of schedules, nor look after dead letters and old runs',
    )
    .option('--drain-timeout <seconds>', 'time that requests have after the first Ctrl-C or SIGTERM', seconds, 30)
    .action(async (options) => {
      const { serveQueues } = await import('../gateway/serve-queues.ts')
      await serveQueues(session, options)
    })
  return withExamples(command, [
    ['remotejob serve --local', 'jobs in a folder of this machine, at http://127.0.0.1:8080'],
    [
      "remotejob serve --host 0.0.0.0 --tokens tokens.yaml --queue 'thumbs' --queue 'team-*'",
      'some queues, for those with a token',
    ],
    ['remotejob serve --host 0.0.0.0 --tokens tokens.yaml --trusted-proxy 10.0.0.0/8', 'behind a load balancer'],
  ])
}
