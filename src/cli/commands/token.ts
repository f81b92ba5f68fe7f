import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { collect } from '../collect.ts'
import { withExamples } from '../help.ts'
import type { Session } from '../session.ts'

type Scope = 'submit' | 'read' | 'admin'

function collectScopes(word: string, before: readonly Scope[] | undefined): readonly Scope[] {
  if (word === 'submit' || word === 'read' || word === 'admin') return [...(before ?? []), word]
  throw new InvalidArgumentError('Expected submit, read or admin.')
}

/** `remotejob token` */
export function tokenCommand(session: Session) {
  const create = new Command('create')
    .summary('make a token for remotejob serve')
    .description(
      'Makes a token, and prints it once, with the entry for the file that remotejob serve --tokens reads. The entry holds a hash: nobody can tell the token from it.',
    )
    .requiredOption('-n, --name <name>', 'whose it is')
    .requiredOption(
      '--scope <scope>',
      'what it may: submit, read, or admin for everything; may be repeated',
      collectScopes,
    )
    .option(
      '--queue <pattern>',
      'a queue that it may that on, * for any characters; may be repeated (default: all)',
      collect,
    )
    .action(async ({ name, scope, queue }) => {
      const { printToken } = await import('../gateway/print-token.ts')
      await printToken(session, { name, scopes: scope, queues: queue })
    })
  return new Command('token')
    .summary('tokens for remotejob serve')
    .description('Tokens of those who call remotejob serve.')
    .addCommand(
      withExamples(create, [
        [
          'remotejob token create -n ci --scope submit --scope read',
          'for a program that submits jobs and waits for them',
        ],
        ["remotejob token create -n ada --scope admin --queue 'team-*'", 'for somebody who looks after some queues'],
      ]),
    )
}
