/**
 * Makes the pictures of the command line from the real program: the first half of `npm run screenshots`. It runs in a
 * pseudo-terminal, a terminal emulator keeps what it shows, and Chromium draws that.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { SerializeAddon } from '@xterm/addon-serialize'
import xterm from '@xterm/headless'
import { openChromium } from './chromium.ts'

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const images = new URL('../docs/images/', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'remotejob-screenshots-'))
const columns = 84

/** A program that takes a moment, and fails now and then. */
const frame = 'sleep 0.5; [ $((JOB_INDEX % 61)) != 17 ]'

/** What is typed, and when to look. */
interface Shot {
  readonly name: string
  readonly words: readonly string[]
  readonly when: RegExp
  /** Lines of the terminal. @default 8 */
  readonly rows?: number
}

try {
  const files = ['beach.tif', 'harbour.tif', 'mountains.tif']
  for (const [index, file] of files.entries())
    writeFileSync(join(folder, file), Buffer.alloc((3 + index) * 200_000_000))
  await shoot({
    name: 'submit',
    words: ['submit', 'thumbs', ...files],
    when: /harbour\.tif .* ([3-6])\d\d MB of/,
  })
  for (const [queue, count] of Object.entries({ thumbs: 3, renders: 12, reports: 1 })) fill(queue, count)
  await shoot({ name: 'queues', words: ['queues', '--watch'], when: /Ctrl-C ends/ })
  run('jobrun', 'submit', '-n', 'frames', '--as', '280', '-r', '0', '--cmd', 'sh', '--cmd', '-c', '-a', frame)
  work('--runs', '-c', '24')
  await shoot({ name: 'run', words: ['jobrun', 'get', '-n', 'frames'], when: /succeeded 1[2-9]\d/, rows: 12 })
} finally {
  rmSync(folder, { recursive: true })
}
// The workers that were started for the pictures end with this.
process.exit()

/** Jobs of which some wait, and one is in hand. */
function fill(queue: string, count: number): void {
  for (let job = 0; job < count; job += 1) run('submit', queue, '--metadata', `page=${job}`)
  work(queue, '--', 'sleep', '60')
}

/** A worker, until all pictures are made. */
function work(...words: readonly string[]): void {
  const worker = spawn(process.execPath, [program, 'work', ...words], { cwd: folder, env: environment() })
  process.once('exit', () => worker.kill('SIGKILL'))
}

function run(...words: readonly string[]): void {
  execFileSync(process.execPath, [program, ...words], { cwd: folder, env: environment() })
}

function environment(): Record<string, string> {
  const { PATH = '' } = process.env
  return { PATH, TERM: 'xterm-256color', REMOTEJOB_LOCAL: join(folder, 'jobs') }
}

/** Runs the command until the screen fits, and draws the screen. */
async function shoot({ name, words, when, rows = 8 }: Shot): Promise<void> {
  const size = { cols: columns, rows }
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer)
  terminal.write(`\u001b[1m$ remotejob ${words.join(' ')}\u001b[0m\r\n`)
  const child = spawn(process.execPath, [program, ...words], { ...size, cwd: folder, env: environment() })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.onData((data) =>
    terminal.write(data, () => when.test(serializer.serialize()) && resolve(serializer.serializeAsHTML())),
  )
  child.onExit(({ exitCode }) => reject(new Error(`${words.join(' ')} ended with ${exitCode} before it was drawn`)))
  const html = await promise
  child.kill('SIGKILL')
  await draw(html, name)
}

async function draw(html: string, name: string): Promise<void> {
  const browser = await openChromium()
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2 })
    await page.setContent(html)
    await page.addStyleTag({
      content: `body { margin: 0 } pre { display: inline-block; margin: 0; padding: 14px 18px; background: #16181d; color: #e6e6e6;
        border-radius: 8px; font: 14px/1.45 'DejaVu Sans Mono', monospace } pre > div { background: transparent !important; color: #e6e6e6 !important }`,
    })
    await page.locator('pre').screenshot({ path: fileURLToPath(new URL(`${name}.png`, images)), omitBackground: true })
  } finally {
    await browser.close()
  }
}
