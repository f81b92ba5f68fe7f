import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { describe, expect, test } from 'vitest'
import { examples } from '../../src/cli/help.ts'
import { nameOf } from '../../src/cli/mistake.ts'
import { createProgram } from '../../src/cli/program.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { ended } from './command.ts'
import { copying, interrupt, tidy, world } from './world.ts'

/** The examples in the help of commands are run as they are printed, in a folder that has what they speak of. */

const commands = leavesOf(createProgram(processTerminal()))

function leavesOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.commands.flatMap((inner) => (inner.commands.length > 0 ? leavesOf(inner) : [inner]))
}

function groupsOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.commands.length > 0 ? [command, ...command.commands.flatMap(groupsOf)] : []
}

const subscribed = 'remotejob provision photos --bucket my-photos; remotejob job create -n resize --cmd true;'
const reported = 'remotejob job create -n report --cmd true;'
const timed = `${reported} remotejob subscription cron create -n five -d report`
const nightly = "remotejob schedule create -n nightly --queue reports --cron '30 2 * * *'"
const running = 'remotejob work --runs -q -c 8 &'

/** What has to be there before, as somebody would type it. */
const preludes: Readonly<Record<string, string>> = {
  work: 'remotejob jobrun submit -n sums --cmd true',
  serve: `export REMOTEJOB_PORT=0; remotejob token create -n ci --scope read -o 'jsonpath-as-json=$.entry' > tokens.yaml`,
  submit: `${copying} remotejob work backup -q -- true &`,
  'job create': 'remotejob secret create -n smtp -l password=1',
  'job list': 'remotejob job create -n sum --cmd ./sum.sh',
  'job update': 'remotejob job create -n sum --cmd ./sum.sh -e LEVEL=info',
  'job get': 'remotejob job create -n sum --cmd ./sum.sh',
  'job delete': 'remotejob job create -n sum --cmd ./sum.sh',
  'jobrun submit': `remotejob job create -n render --cmd true; ${running}`,
  'jobrun resubmit': `remotejob job create -n render --cmd false --retrylimit 0; ${running}
    remotejob jobrun submit -j render -n render-jobrun-1a2b3 --as 2 --wait 2>/dev/null || true
    remotejob jobrun submit -n sums --cmd true --array-indexes 4-8 --wait`,
  'jobrun get': 'remotejob jobrun submit -n sums --cmd true',
  'jobrun list': 'remotejob job create -n render --cmd true; remotejob jobrun submit -j render',
  'jobrun delete':
    'remotejob job create -n render --cmd true; remotejob jobrun submit -j render; remotejob jobrun submit -n sums --cmd true',
  'jobrun logs': `${running} remotejob jobrun submit -n sums --cmd ./sum.sh --array-indexes 6-8 --wait`,
  'jobrun events': `${running} remotejob jobrun submit -n sums --cmd true --wait`,
  'jobrun restart': `${running} remotejob jobrun submit -n server --mode daemon --cmd sleep -a 100`,
  apply: 'remotejob job create -n sum --cmd ./sum.sh; remotejob job get -n sum -o yaml > jobs.yaml',
  'subscription cos create': `${subscribed} remotejob job create -n audit --cmd true`,
  'subscription cos update': `${subscribed} remotejob subscription cos create -n uploads -d resize -b my-photos`,
  'subscription cos get': `${subscribed} remotejob subscription cos create -n uploads -d resize -b my-photos`,
  'subscription cos list': `${subscribed} remotejob subscription cos create -n uploads -d resize -b my-photos`,
  'subscription cos delete': `${subscribed} remotejob subscription cos create -n uploads -d resize -b my-photos`,
  'subscription cron create': reported,
  'subscription cron update': timed,
  'subscription cron get': timed,
  'subscription cron list': timed,
  'subscription cron delete': timed,
  'schedule create': 'remotejob job create -n render --cmd true; echo https://example.com > urls.txt',
  'schedule list': `${nightly}; ${timed}`,
  'schedule pause': nightly,
  'schedule resume': nightly,
  'schedule delete': nightly,
  'configmap list': 'remotejob configmap create -n settings -l old=1',
  'configmap update': 'remotejob configmap create -n settings -l old=1',
  'configmap get': 'remotejob configmap create -n settings -l QUALITY=80',
  'configmap delete': 'remotejob configmap create -n settings -l QUALITY=80',
  'secret list': 'remotejob secret create -n database -l old=1',
  'secret update': 'remotejob secret create -n database -l old=1',
  'secret get': 'remotejob secret create -n database -l password=1',
  'secret delete': 'remotejob secret create -n database -l password=1',
}

/** Examples that go on until somebody ends them, and what they say before that. */
const endless: Readonly<Record<string, RegExp>> = {
  'remotejob work thumbs -c 4': /completed/,
  'remotejob work --runs -c 8': /completed/,
  'remotejob serve': /Listening at/,
  'remotejob queues thumbs --watch': /QUEUE[^]*thumbs/,
}

/** Examples that ask, and so need a terminal; the tests of these commands have one. */
const asking = [
  'remotejob secret create -n database --from-literal password',
  'remotejob job delete -n sum --orphan-job-runs',
]

for (const command of commands) {
  const name = nameOf(command).replace('remotejob ', '')
  // The shells of `completion.test.ts` read the scripts.
  const given = name === 'completion' ? [] : examples(command).map(([text]) => text)
  if (given.length === 0) continue
  describe.skipIf(process.platform === 'win32')(`the examples of ${nameOf(command)}`, { timeout: 120_000 }, () => {
    test.each(given)('%s', async (text) => {
      const cli = await world(name)
      const prelude = `${tidy}${preludes[name] ?? ''}\n`
      const told = Object.entries(endless).find(([start]) => text.startsWith(start))?.[1]
      if (told) return interrupt(cli.bash(`${preludes[name] ?? ''}\nexec ${text}`), told)
      const { code, stdout, stderr } = await ended(cli.bash(`${prelude}${text}\n`))
      const expected = asking.includes(text) ? 2 : 0
      expect({ code, stdout, stderr }).toMatchObject({ code: expected })
      if (expected === 0) expect(stderr).not.toContain('error:')
    })
  })
}

test('a command with others below it shows examples of these, each of which is run here', () => {
  const shown = groupsOf(createProgram(processTerminal())).map(examples)
  const run = commands.flatMap((command) => examples(command))
  expect(shown.length).toBeGreaterThan(8)
  for (const some of shown) {
    expect(some.length).toBeGreaterThan(1)
    expect(run).toEqual(expect.arrayContaining([...some]))
  }
})

test('every command has examples, but for those that only say what there is not', () => {
  const without = commands.filter((command) => examples(command).length === 0).map(nameOf)
  expect(without).toEqual(['remotejob job bind', 'remotejob job unbind', 'remotejob help'])
})
