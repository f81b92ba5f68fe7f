import { Argument, Command } from '@commander-js/extra-typings'
import { withExamples } from '../help.ts'

/** `remotejob completion`: the script asks `remotejob complete`, which `main.ts` answers. */
export function completionCommand() {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] as const))
    .summary('print a script that completes commands and options in a shell')
    .description('Prints a script for a shell that completes commands, options and their values.')
    .action(async (shell) => {
      const { script } = await import('@bomb.sh/tab')
      script(shell, 'remotejob', 'remotejob')
    })
  return withExamples(command, [
    ['source <(remotejob completion bash)', 'in ~/.bashrc'],
    ['source <(remotejob completion zsh)', 'in ~/.zshrc'],
    ['remotejob completion fish > ~/.config/fish/completions/remotejob.fish', 'once, for fish'],
  ])
}
