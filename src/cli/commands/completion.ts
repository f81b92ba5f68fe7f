import { Argument, Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'
import type { Session } from '../session.ts'
import { write } from '../terminal.ts'

/** `remotejob completion`: the script asks `remotejob complete`, which `main.ts` answers. */
export function completionCommand({ terminal }: Session) {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] as const))
    .summary('print a script that completes words in a shell')
    .description(
      'Prints a script for a shell that completes commands, options and their values, and the names of files and folders where these belong.',
    )
    .action(async (shell) => {
      const { scripts } = await import('../completion/scripts.ts')
      await write(terminal, scripts[shell])
    })
  return withExamples(command, [
    ['source <(remotejob completion bash)', 'in ~/.bashrc'],
    ['source <(remotejob completion zsh)', 'in ~/.zshrc, after compinit'],
    ['remotejob completion fish > ~/.config/fish/completions/remotejob.fish', 'once, for fish'],
  ])
}
