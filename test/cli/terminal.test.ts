import { once } from 'node:events'
import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { setup } from './command.ts'
import { ctrlC, open } from './terminal.ts'

/** No pseudo-terminal of this kind on Windows. */
describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  test('an upload shows its bytes, all of them, the rate and the time left, and the bar goes when it is done', async () => {
    const cli = await setup()
    await cli.files({ 'film.mp4': '' })
    await truncate(join(cli.folder, 'film.mp4'), 400_000_000)
    const screen = open(cli, ['submit', 'films', 'film.mp4'])
    await screen.sees(/film\.mp4 {2}\S+ {2}\S+ [kM]?B of 400 MB {2}\S+ [kMG]?B\/s {2}\d+ s left/)
    expect(await screen.ended()).toBe(0)
    expect(screen.text()).not.toContain('of 400 MB')
    expect(screen.text()).toMatch(/^[0-9a-f-]{36}$/m)
    expect(screen.text()).toContain('Submitted a job to films.')
  })

  test('what has no known length shows its bytes and the rate', async () => {
    const cli = await setup()
    const screen = open(cli, ['submit', 'films', '-', '--filename', 'notes'])
    screen.type('hello\n')
    await screen.sees(/notes {2}6 B {2}\S+ B\/s/)
    screen.type('\u0004')
    expect(await screen.ended()).toBe(0)
  })

  test('many jobs are counted', async () => {
    const cli = await setup()
    const names = Array.from({ length: 400 }, (_, index) => `f${index}`)
    await cli.files(Object.fromEntries(names.map((name) => [name, name])))
    const screen = open(cli, ['submit', 'letters', ...names])
    await screen.sees(/files {2}\S+ {2}\d+ of 400 {2}\S+\/s/)
    expect(await screen.ended()).toBe(0)
  })

  test('a download shows its bytes and the time left; cut off, it leaves no file and exits with 130', async () => {
    const cli = await setup()
    await cli.run(['submit', 'films', '--id', 'film'])
    const job = await cli.queue('films').next()
    await job.complete({ 'film.mp4': Readable.from(megabytes(500)) })
    const screen = open(cli, ['result', 'films', 'film', '--save', 'out'])
    await screen.sees(/film\.mp4 {2}\S+ {2}\S+ [kM]?B of 524 MB {2}\S+ [kMG]?B\/s {2}\d+ s left/)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(130)
    expect(await readdir(join(cli.folder, 'out'))).toEqual([])
  })

  test('Ctrl-C stops the waiting and not the jobs', async () => {
    const cli = await setup()
    await cli.files({ a: 'a', b: 'b' })
    const screen = open(cli, ['submit', 'letters', 'a', 'b', '--wait'])
    await screen.sees(/jobs {2}\S+ {2}0 of 2/)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(130)
    expect(screen.text()).toMatch(/error: Stopped waiting; the jobs go on/)
    expect((await cli.run(['list', 'letters', '-o', 'jsonpath={[*].status}'])).stdout).toBe('pending pending\n')
  })

  test('queues --watch draws in place what changes, and Ctrl-C ends it well', async () => {
    const cli = await setup()
    await cli.run(['submit', 'letters'])
    const screen = open(cli, ['queues', '--watch', '--interval', '0.1'])
    await screen.sees(/^letters +1 +0 +0 +0/m)
    await cli.run(['submit', 'letters'])
    const seen = await screen.sees(/^letters +2 +0 +0 +0/m)
    expect(seen.match(/QUEUE/g)).toHaveLength(1)
    screen.type(ctrlC)
    expect(await screen.ended()).toBe(0)
  })

  test.each([
    [[], {}, true],
    [['--no-color'], {}, false],
    [[], { NO_COLOR: '1' }, false],
    [[], { REMOTEJOB_NO_COLOR: '1' }, true],
    [['--no-color'], { FORCE_COLOR: '1' }, false],
  ])('help with %j and %j: coloured is %s', async (words, env, isColoured) => {
    const cli = await setup()
    const screen = open(cli, ['--help', ...words], env)
    expect(await screen.ended()).toBe(0)
    expect(screen.raw().includes('\u001b[1m')).toBe(isColoured)
  })

  test('REMOTEJOB_NO_COLOR and the file uncolour tables and errors', async () => {
    const cli = await setup()
    await cli.run(['submit', 'letters'])
    const coloured = open(cli, ['list', 'letters'])
    const plain = open(cli, ['list', 'letters'], { REMOTEJOB_NO_COLOR: '1' })
    expect([await coloured.ended(), await plain.ended()]).toEqual([0, 0])
    expect([coloured.raw().includes('\u001b['), plain.raw().includes('\u001b[')]).toEqual([true, false])
    await writeFile(join(cli.folder, 'remotejob.config.json'), '{ "color": false }')
    const refused = open(cli, ['status', 'letters', 'nobody'])
    expect(await refused.ended()).toBe(3)
    expect(refused.raw()).not.toContain('\u001b[')
  })

  test('a value that would move the cursor is shown and not done, also where it is asked for as text', async () => {
    const cli = await setup()
    await cli.run(['submit', 'letters', '--id', 'evil'])
    await (await cli.queue('letters').next()).complete({ value: '\u001b]0;owned\u0007\u001b[2J' })
    const words = ['result', 'letters', 'evil', '-o', 'jsonpath={.value}']
    const screen = open(cli, words)
    expect(await screen.ended()).toBe(0)
    expect(screen.text()).toBe('\\u001b]0;owned\\u0007\\u001b[2J')
    expect(screen.raw()).not.toContain('\u001b]0')
    // Whoever reads a pipe gets what it is.
    expect((await cli.run(words)).stdout).toBe('\u001b]0;owned\u0007\u001b[2J\n')
  })

  test('teardown shows what goes and asks; Enter is no, and Ctrl-C too; y removes it', async () => {
    const cli = await setup()
    await cli.run(['submit', 'letters'])
    for (const [keys, code] of [
      ['\r', 130],
      [ctrlC, 130],
      ['y', 0],
    ] as const) {
      const screen = open(cli, ['teardown', 'letters'])
      await screen.sees(/letters-pending +1[^]*Remove all this of queue "letters", for good\?[^]*No/)
      screen.type(keys)
      expect(await screen.ended()).toBe(code)
      expect((await cli.run(['list', 'letters'])).code).toBe(code === 0 ? 3 : 0)
    }
  })

  test('Ctrl-C once lets work finish what is in hand, and twice gives it back at once', async () => {
    const cli = await setup()
    await cli.run(['submit', 'letters', '--id', 'first'])
    const draining = open(cli, [
      'work',
      'letters',
      '--',
      'sh',
      '-c',
      'echo up > up; while [ ! -e go ]; do sleep 0.05; done',
    ])
    await expect.poll(() => readdir(cli.folder)).toContain('up')
    draining.type(ctrlC)
    await draining.sees(/Finishing what is in hand; once more \(Ctrl-C\) gives it back/)
    await writeFile(join(cli.folder, 'go'), '')
    expect(await draining.ended()).toBe(0)
    expect((await cli.run(['status', 'letters', 'first'])).stdout).toMatch(/first +completed/)
    await rm(join(cli.folder, 'up'))
    await cli.run(['submit', 'letters', '--id', 'second'])
    const twice = open(cli, ['work', 'letters', '--', 'sh', '-c', 'echo up > up; sleep 600'])
    await expect.poll(() => readdir(cli.folder)).toContain('up')
    twice.type(ctrlC)
    await twice.sees(/Finishing what is in hand/)
    twice.type(ctrlC)
    await twice.sees(/released +second/)
    expect(await twice.ended()).toBe(0)
    expect((await cli.run(['status', 'letters', 'second'])).stdout).toMatch(/second +pending/)
  })

  test.each(['--quiet', '--no-progress'])('%s draws no bars', async (word) => {
    const cli = await setup()
    const names = Array.from({ length: 100 }, (_, index) => `f${index}`)
    await cli.files(Object.fromEntries(names.map((name) => [name, name])))
    const screen = open(cli, ['submit', 'letters', word, ...names])
    expect(await screen.ended()).toBe(0)
    expect(screen.raw()).not.toMatch(/of 100/)
    expect(screen.raw().includes('Submitted 100 jobs')).toBe(word === '--no-progress')
  })
})

test('in pipes there are neither bars nor colours nor words beside the data, unless FORCE_COLOR asks for colours', async () => {
  const cli = await setup()
  const names = Array.from({ length: 200 }, (_, index) => `f${index}`)
  await cli.files(Object.fromEntries(names.map((name) => [name, name])))
  expect(await cli.run(['submit', 'letters', ...names])).toEqual({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^([0-9a-f-]{36}\n){200}$/),
  })
  const { stdout } = await cli.run(['list', 'letters', '--limit', '1'])
  expect(stdout).toMatch(/^ID +STATUS +SUBMITTED +FINISHED\n[0-9a-f-]{36} +pending +[\d: -]+-\n$/)
  expect((await cli.run(['list', 'letters'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[1mID')
  const watched = cli.start(['queues', 'letters', '--watch', '--interval', '0.05', '-o', 'jsonpath={.waiting}'])
  let said = ''
  for await (const chunk of watched.stdout) {
    said += String(chunk)
    if (said.split('\n').length > 3) break
  }
  watched.kill('SIGINT')
  const [code] = await once(watched, 'close')
  expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/^(200\n){3,}$/) })
})

function* megabytes(count: number): Generator<Buffer> {
  const megabyte = Buffer.alloc(1_048_576)
  for (let i = 0; i < count; i++) yield megabyte
}
