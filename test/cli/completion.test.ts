import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cli, program, setup } from './command.ts'
import { openAny, type Screen } from './terminal.ts'

/** What the scripts are told: the words, and what the shell adds by itself. */
async function answers(cli: Cli, typed: readonly string[]) {
  const { code, stdout, stderr } = await cli.run(['complete', '--', ...typed])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  return { words: lines.slice(0, -1).map((line) => line.split('\t')[0]), others: lines.at(-1) }
}

test.each([
  [['subm'], ['submit'], ':nothing'],
  [['nosuch'], [], ':nothing'],
  [['dead', ''], ['list', 'redrive', 'reap'], ':nothing'],
  [['--local', 'dead', 're'], ['redrive', 'reap'], ':nothing'],
  [['help', 'dead', 'l'], ['list'], ':nothing'],
  [['help', 'submit', ''], [], ':nothing'],
  [['completion', ''], ['bash', 'zsh', 'fish'], ':nothing'],
  [['submit', ''], [], ':nothing'],
  [['submit', 'letters', ''], [], ':files'],
  [['submit', 'letters', 'a', '-', 'b'], [], ':files'],
  [['submit', '--metadata', 'a=b', '-o', 'json', '--local', 'letters', ''], [], ':files'],
  [['submit', 'letters', '--', '--wa'], [], ':files'],
  [['work', 'letters', '--', 'ma'], [], ':files'],
  [['status', 'letters', ''], [], ':nothing'],
  [['submit', 'letters', '--save', ''], [], ':directories'],
  [['submit', 'letters', '--save='], [], ':directories'],
  [['--local='], [], ':directories'],
  [['list', '--config', ''], [], ':files'],
  [['list', '-o', ''], ['table', 'json', 'yaml', 'jsonpath='], ':nothing'],
  [['list', '--output=j'], ['--output=json', '--output=jsonpath='], ':nothing'],
  [['list', 'letters', '--status', 'c'], ['completed', 'cancelled'], ':nothing'],
  [['list', 'letters', '--status=e'], ['--status=expired'], ':nothing'],
  [['work', 'letters', '--engine', ''], ['podman', 'docker'], ':nothing'],
  [['list', '--limit', ''], [], ':nothing'],
  [['list', '--lim'], ['--limit'], ':nothing'],
  [['list', '--nosuch='], [], ':nothing'],
])('after %j come %j and %s', async (typed, words, others) => {
  expect(await answers(await setup(), typed)).toEqual({ words, others })
})

test('each command and each option has a meaning of one short clause', async () => {
  const cli = await setup()
  const { stdout } = await cli.run(['complete', '--', ''])
  const { stdout: options } = await cli.run(['complete', '--', 'submit', '--'])
  const lines = `${stdout}${options}`.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  expect(lines.length).toBeGreaterThan(30)
  expect(lines).toEqual(expect.arrayContaining(['submit\tsend jobs', '--wait\twait for the results, and print them']))
  for (const line of lines) expect(line).toMatch(/^[\w-]+\t.{3,60}$/)
})

interface Shell {
  readonly name: 'bash' | 'zsh' | 'fish'
  readonly words: readonly string[]
  /** What is typed once, so that words are completed. */
  readonly start: string
}

const shells: readonly Shell[] = [
  { name: 'bash', words: ['--noprofile', '--norc', '-i'], start: 'source <(remotejob completion bash)' },
  {
    name: 'zsh',
    words: ['-f', '-i', '+o', 'prompt_sp'],
    start: 'autoload -U compinit && compinit -u -D && source <(remotejob completion zsh)',
  },
  {
    name: 'fish',
    words: ['--no-config', '-C', 'function fish_prompt; echo -n "ready> "; end; set -g fish_autosuggestion_enabled 0'],
    start: 'remotejob completion fish | source',
  },
]

const prompt = /^ready>$/
/** Forgets the line, and clears the screen. */
const anew = '\u0015\u000c'

for (const shell of shells) {
  const isThere = process.platform !== 'win32' && spawnSync(shell.name, ['-c', 'true']).status === 0
  const title = `in ${shell.name}, Tab`
  describe.skipIf(!isThere)(isThere ? title : `${title} (SKIPPED, it is not installed)`, () => {
    test('completes commands, options, values, files and folders, each where it belongs', async () => {
      const screen = await openShell(shell)
      for (const [typed, seen] of [
        ['remotejob subm', 'remotejob submit'],
        ['remotejob submit letters ca', 'remotejob submit letters cat.jpg'],
        ['remotejob submit letters --wait-t', 'remotejob submit letters --wait-timeout'],
        ['remotejob submit letters --save pi', 'remotejob submit letters --save pictures/'],
        ['remotejob submit letters --save=pi', 'remotejob submit letters --save=pictures/'],
        ['remotejob --endpoint http://localhost:9000 list --config=remo', 'list --config=remotejob.json'],
        ['remotejob list letters -o y', 'remotejob list letters -o yaml'],
        ['remotejob list letters --output=y', 'remotejob list letters --output=yaml'],
        ['remotejob list letters --status exp', 'remotejob list letters --status expired'],
        ['remotejob help dead red', 'remotejob help dead redrive'],
        ['remotejob completion z', 'remotejob completion zsh'],
        ['remotejob work letters -- ./ren', 'remotejob work letters -- ./render.sh'],
      ] as const) {
        screen.type(`${typed}\t`)
        await screen.sees(new RegExp(`${seen.replaceAll(/[.*+?^$()]/g, '\\$&')} *$`))
        screen.type(anew)
        await screen.sees(prompt)
      }
    })

    test('offers no files where none belong, and after "jsonpath=" goes on in the same word', async () => {
      const screen = await openShell(shell)
      screen.type('remotejob status ca\tX')
      await screen.sees(/remotejob status caX$/)
      screen.type(anew)
      await screen.sees(prompt)
      screen.type('remotejob list letters -o jsonp\t{')
      await screen.sees(/-o jsonpath=\\?\{$/)
    })

    test('shows what commands are for', async () => {
      const screen = await openShell(shell)
      screen.type('remotejob dead \t\t')
      await screen.sees(
        /(?=[^]*list dead letters and why they are)(?=[^]*redrive .*try dead letters again, as new jobs)/,
      )
    })

    test('runs nothing of what was typed', async () => {
      const screen = await openShell(shell)
      screen.type('remotejob submit "$(touch run)" ca\t')
      await screen.sees(/cat\.jpg *$/)
      expect(await readdir(screen.folder)).not.toContain('run')
    })
  })
}

/** A shell that knows the command, in a folder with files. */
async function openShell({ name, words, start }: Shell): Promise<Screen & { readonly folder: string }> {
  const cli = await setup()
  const bin = join(cli.folder, 'bin')
  await mkdir(bin)
  await mkdir(join(cli.folder, 'pictures'))
  await cli.files({
    'cat.jpg': '',
    'pilot.txt': '',
    'remotejob.json': '',
    'render.sh': '',
    'bin/remotejob': `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  })
  await chmod(join(bin, 'remotejob'), 0o755)
  await chmod(join(cli.folder, 'render.sh'), 0o755)
  const screen = openAny(cli, [name, ...words], { PATH: `${bin}:${cli.env['PATH']}`, PS1: 'ready> ' })
  await screen.sees(/ready>$/)
  screen.type(`${start}; clear\r`)
  await screen.sees(prompt)
  return { ...screen, folder: cli.folder }
}
