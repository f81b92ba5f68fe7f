import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Snippet, snippetsOf } from '../fresh-project.ts'
import { ended } from './command.ts'
import { copying, interrupt, tidy, world } from './world.ts'

/** The commands of the guides are run as they are printed, in a folder that has what they speak of. */

const documents = ['docs/how-to/run-any-program.md', 'docs/how-to/use-the-command-line.md']
const snippets = (await Promise.all(documents.map(snippetsOf))).flat()
const placeOf = ({ document, line }: Snippet): string => `${document}:${line}`

/** Workers that are already there, and answer what is submitted. */
const others = ['backup', 'archive'].map((queue) => `remotejob work ${queue} -q -- true &`).join(' ')
const summing = `remotejob work sums --local -q -- sh -c 'sha256sum < "$JOB_INPUT"' &`

function snippetWith(text: string): Snippet {
  const found = snippets.find(({ code }) => code.includes(text))
  if (!found) throw new Error(`No guide has ${text} any more`)
  return found
}

const scripts = snippets.filter(
  ({ language, code }) => language === 'sh' && !/^docker |completion|^remotejob work /m.test(code),
)
const workers = snippets.filter(({ language, code }) => language === 'sh' && code.startsWith('remotejob work '))

describe.skipIf(process.platform === 'win32')('the commands of the guides', { timeout: 120_000 }, () => {
  test('are many', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(10)
    expect(workers.length).toBeGreaterThanOrEqual(2)
  })

  test.each(scripts.map((snippet) => [placeOf(snippet), snippet] as const))('%s', async (_, { code }) => {
    const shell = await world('guide')
    const done = await ended(shell.bash(`${tidy}${copying} ${others} ${summing}\n${code}`, { id: 'my-job' }))
    expect(done).toMatchObject({ code: 0 })
    expect(done.stderr).not.toContain('error:')
  })

  test.each(workers.map((snippet) => [placeOf(snippet), snippet] as const))('%s', async (_, { code }) => {
    const shell = await world('guide')
    await interrupt(shell.bash(`exec ${code}`), /completed/)
  })

  test('what find and xargs send comes back, each file with its name', async () => {
    const shell = await world('guide')
    const { code } = snippetWith('-print0')
    expect(await ended(shell.bash(`${tidy}${copying}\n${code}`))).toMatchObject({ code: 0 })
    const ids = (await readFile(join(shell.folder, 'ids'), 'utf8')).trim().split('\n')
    expect(ids).toHaveLength(2)
    const found = await Promise.all(ids.map((id) => readFile(join(shell.folder, 'thumbs', id, 'thumb.jpg'), 'utf8')))
    expect(found.toSorted()).toEqual(['a', 'b'])
  })

  test('the unit’s worker does jobs, and stops on SIGTERM as on systemctl stop', async () => {
    const { code } = snippetWith('[Service]')
    const line = /^ExecStart=(.+)$/m.exec(code)?.[1]?.replaceAll('/usr/local/bin/', '') ?? ''
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(code)?.[1])
    // What the worker takes at most: --drain-timeout and --grace.
    expect(seconds).toBeGreaterThan(30 + 10)
    const shell = await world('guide')
    await interrupt(shell.bash(`exec ${line}`), /completed/, 'SIGTERM')
  })

  test('the crontab’s lines run in the environment that cron gives; the first prints nothing, and twice is one job', async () => {
    const shell = await world('guide')
    const lines = snippetWith('*/15').code.trimEnd().split('\n')
    expect(lines.filter((line) => /^[A-Z_]+=/.test(line))).toEqual([
      expect.stringMatching(/^PATH=/),
      expect.stringMatching(/^AWS_REGION=/),
    ])
    const [submit = '', work = ''] = lines.flatMap(
      (line) => /^(?:\S+ +){5}(.+)$/.exec(line)?.[1]?.replaceAll('\\%', '%') ?? [],
    )
    const cron = (line: string) =>
      ended(shell.bash(`exec env -i PATH="$PATH" HOME="$HOME" REMOTEJOB_LOCAL=.remotejob sh -c '${line}'`))
    expect(await cron(submit)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await cron(submit)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await cron(work.replace('--drain', '--once'))).toEqual({ code: 0, stdout: '', stderr: '' })
    const day = (await ended(shell.bash('exec env -i PATH="$PATH" date +%F'))).stdout.trim()
    const { stdout } = await ended(shell.bash(`remotejob result report report-${day} --asset report --timeout 0`))
    expect(stdout).toBe(`${day}\n`)
    expect(await readdir(shell.folder)).toContain('.remotejob')
  })

  test('the container’s entry point is the command', () => {
    const { code } = snippetWith('ENTRYPOINT')
    const words: unknown = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(code)?.[1] ?? '')
    expect(words).toEqual(['remotejob', 'work', 'thumbs', '--', 'make-thumb'])
  })
})
