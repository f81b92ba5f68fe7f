import { once } from 'node:events'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { onTestFinished } from 'vitest'
import { type Cli, program } from './command.ts'

/** The command in a terminal of its own, as people see it. */
export interface Screen {
  /** What was written so far, with the codes that move the cursor and colour. */
  raw(): string
  /** The lines that can be seen now. */
  text(): string
  /** Waits until what can be seen fits; rejects when the command ends without that. */
  sees(pattern: RegExp): Promise<string>
  type(keys: string): void
  kill(signal: string): void
  /** Waits for the end, which gives the exit status. */
  ended(): Promise<number>
}

/** Milliseconds after which what was not seen is told with what was. */
const patience = 18_000

/** What Ctrl-C sends. */
export const ctrlC = '\u0003'

const usual = { cols: 100, rows: 30 }

/** Starts the command in a pseudo-terminal, with more variables in its environment. */
export function open(cli: Cli, words: readonly string[], more: Record<string, string> = {}, size = usual): Screen {
  return openAny(cli, [process.execPath, program, ...words], more, size)
}

/** The same for any program. */
export function openAny(
  { folder, env }: Cli,
  [file = '', ...words]: readonly string[],
  more: Record<string, string> = {},
  size = usual,
): Screen {
  const child = spawn(file, words, { ...size, cwd: folder, env: { ...env, TERM: 'xterm-256color', ...more } })
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true })
  // Some shells ask the terminal what it is.
  terminal.onData((answer) => child.write(answer))
  const changes = new EventTarget()
  let raw = ''
  let code: number | undefined
  child.onData((data) => {
    raw += data
    terminal.write(data, () => void changes.dispatchEvent(new Event('change')))
  })
  child.onExit(({ exitCode }) => {
    // What it wrote last may still be on its way to the screen.
    terminal.write('', () => {
      code = exitCode
      changes.dispatchEvent(new Event('change'))
    })
  })
  onTestFinished(() => {
    if (code === undefined) child.kill('SIGKILL')
    terminal.dispose()
  })
  const text = (): string => linesOf(terminal).join('\n').trimEnd()
  return {
    raw: () => raw,
    text,
    type: (keys) => child.write(keys),
    kill: (signal) => child.kill(signal),
    async sees(pattern) {
      const signal = AbortSignal.timeout(patience)
      while (!pattern.test(text())) {
        if (code !== undefined) throw new Error(`It ended with ${code} without ${String(pattern)}:\n${text()}`)
        await once(changes, 'change', { signal }).catch((cause: unknown) => {
          throw new Error(`${String(pattern)} was not to be seen:\n${text()}`, { cause })
        })
      }
      return text()
    },
    async ended() {
      while (code === undefined) await once(changes, 'change')
      return code
    },
  }
}

function linesOf({ buffer: { active }, rows }: xterm.Terminal): readonly string[] {
  return Array.from({ length: rows }, (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '')
}
