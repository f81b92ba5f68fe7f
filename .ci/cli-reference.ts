/** Writes docs/reference/cli.md from the help of the command itself: `npm run docs:cli`. A test finds out when it was forgotten. */
import { writeFile } from 'node:fs/promises'
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { exitCodeMeanings } from '../src/cli/exit-codes.ts'
import { examples, optionDescription, optionTerm } from '../src/cli/help.ts'
import { nameOf } from '../src/cli/mistake.ts'
import { createProgram } from '../src/cli/program.ts'
import { processTerminal } from '../src/cli/terminal.ts'

/** The whole page. */
export function cliReference(): string {
  const program = createProgram(processTerminal())
  const commands = leavesOf(program)
  const index = commands.map((command) => `- [\`${nameOf(command)}\`](#${anchorOf(command)}): ${command.summary()}`)
  return [
    introduction,
    index.join('\n'),
    '## Options of every command\n\nThey may stand before or after the name of the command. The value of an option with a long name is the next word, or stands behind "=" (`--output json`, `--output=json`); that of a short one may also stand right behind it (`-o json`, `-o=json`, `-ojson`). A value that begins with "=" is a word of its own. What stands behind `--` is never an option.',
    optionTable(program.options),
    settings,
    `## Exit status\n\n| status | meaning |\n|---:|---|\n${exitCodeMeanings.map(([code, text]) => `| ${code} | ${text} |`).join('\n')}`,
    ...commands.map(chapter),
  ]
    .join('\n\n')
    .concat('\n')
}

const introduction = `# The command line

\`remotejob\` is in the package: \`npx remotejob --help\`, or \`npm install --global remotejob\`. This page is made from its help texts by \`npm run docs:cli\`.

Data goes to standard output, and all else (messages, bars, errors) to standard error. What is piped is neither coloured nor accompanied by bars. Every duration is in seconds.

The commands:`

const settings = `## Settings

Every option can be set in three places; the first that says something wins.

1. The command line.
2. The environment: \`--wait-timeout\` is \`REMOTEJOB_WAIT_TIMEOUT\`. An option without a value is set by \`1\`, \`true\` or \`yes\`, and not by \`0\`, \`false\` or \`no\`; \`--no-color\` is \`REMOTEJOB_NO_COLOR\`.
3. A file: \`remotejob.config.json\`, or \`.js\` or \`.ts\` with a default export, in the working directory; \`--config\` names another. It holds an object of options by their names in camelCase; an object in it, with the name of a command, holds options for that command alone, and wins. \`--no-color\` is \`"color": false\` there.

\`\`\`json
{
  "region": "eu-central-1",
  "submit": { "attempts": 5, "metadata": ["team=research"] }
}
\`\`\`

With \`--output jsonpath=EXPRESSION\` one value is printed as text: an expression of RFC 9535 (\`$.id\`), or text with expressions in braces, as in kubectl (\`{.id}: {.status}\`). \`\\n\` and \`\\t\` stand for a line break and a tab. \`jsonpath-as-json=EXPRESSION\` prints a list of all that is found, as JSON.`

function chapter(command: CommandUnknownOpts): string {
  const usage = `${nameOf(command)} ${command.usage()}`
  const lines = examples(command).map(([text, what]) => `# ${what}\n${text}`)
  return [
    `## ${nameOf(command)}`,
    command.description(),
    `\`\`\`text\n${usage}\n\`\`\``,
    ...(command.options.length > 0 ? [optionTable(command.options)] : []),
    ...(lines.length > 0 ? [`\`\`\`sh\n${lines.join('\n')}\n\`\`\``] : []),
  ].join('\n\n')
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => `| ${code(optionTerm(option))} | ${cell(optionDescription(option))} |`)
  return `| option | meaning |\n|---|---|\n${rows.join('\n')}`
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
const cell = (text: string): string => text.replaceAll('|', '\\|')

function leavesOf(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.commands.flatMap((inner) => (inner.commands.length > 0 ? leavesOf(inner) : [inner]))
}

const anchorOf = (command: CommandUnknownOpts): string => nameOf(command).replaceAll(' ', '-')

if (import.meta.main) await writeFile(new URL('../docs/reference/cli.md', import.meta.url), cliReference())
