import { once } from 'node:events'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setup } from './command.ts'

test('one job’s id is printed alone, those of several a line each, in the order of the files', async () => {
  const cli = await setup()
  await cli.files({ a: 'A', b: 'B', c: 'C' })
  const one = await cli.run(['submit', 'letters', 'a'])
  expect(one).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) })
  const { stdout } = await cli.run(['submit', 'letters', 'c', 'b', '-o', 'json'])
  expect(JSON.parse(stdout)).toEqual([
    { id: expect.any(String), file: 'c' },
    { id: expect.any(String), file: 'b' },
  ])
})

test('names with spaces, line breaks, dashes in front and letters of any script arrive as they are, and so do no bytes', async () => {
  const cli = await setup()
  const names = ['-dash.txt', 'two words', 'line\nbreak', 'ünï 🎉.txt', 'empty', '\u001b[31mred']
  await cli.files(Object.fromEntries(names.map((name) => [name, name === 'empty' ? '' : name])))
  expect((await cli.run(['submit', 'letters', '--', ...names])).code).toBe(0)
  const queue = cli.queue('letters')
  const arrived = new Map<unknown, string>()
  while (arrived.size < names.length) {
    const job = await queue.next()
    arrived.set(job.filename, await job.text())
    await job.complete()
  }
  expect(Object.fromEntries(arrived)).toEqual(
    Object.fromEntries(names.map((name) => [name, name === 'empty' ? '' : name])),
  )
})

test('`-` sends standard input under the name that is given, also when there is nothing in it', async () => {
  const cli = await setup()
  await cli.run(['submit', 'letters', '-', '--filename', 'data.tar', '--id', 'full'], { input: 'much' })
  await cli.run(['submit', 'letters', '-', '--id', 'empty'])
  const queue = cli.queue('letters')
  for (const expected of [
    ['full', 'data.tar', 'much'],
    ['empty', undefined, ''],
  ]) {
    const job = await queue.next()
    expect([job.id, job.filename, await job.text()]).toEqual(expected)
    await job.complete()
  }
})

test.each([
  ['a=b=c', { a: 'b=c' }],
  ['__proto__=x', JSON.parse('{ "__proto__": "x" }')],
  ['constructor=x', { constructor: 'x' }],
  ['empty=', { empty: '' }],
])('--metadata %s is text, whatever its name', async (pair, metadata: unknown) => {
  const cli = await setup()
  expect(await cli.run(['submit', 'letters', '--metadata', pair])).toMatchObject({ code: 0, stderr: '' })
  const job = await cli.queue('letters').next()
  expect(JSON.stringify(job.metadata)).toBe(JSON.stringify(metadata))
  await job.complete()
})

test('the same id twice is one job when all else is the same, and refused otherwise', async () => {
  const cli = await setup()
  const submit = (value: string) => cli.run(['submit', 'letters', '--id', 'mine', '--metadata', `a=${value}`])
  expect(await submit('1')).toEqual({ code: 0, stdout: 'mine\n', stderr: '' })
  expect(await submit('1')).toEqual({ code: 0, stdout: 'mine\n', stderr: '' })
  expect(await submit('2')).toEqual({
    code: 8,
    stdout: '',
    stderr: expect.stringMatching(/^error: The id "mine" .*\n$/),
  })
})

test.each([
  [['--metadata', '=x'], 2, 'Expected key=value'],
  [['--metadata', 'x'], 2, 'Expected key=value'],
  [['--metadata-json', '[]'], 2, 'Expected a JSON object'],
  [['--metadata-json', '{'], 2, 'Expected a JSON object'],
  [['--delay', '31536001'], 2, 'Expected a whole number from 0 to 31536000'],
  [['--delay', '1e2'], 2, 'Expected a whole number from 0 to 31536000'],
  [['--id', '../../etc/passwd'], 2, 'Expected --id to be 1 to 128 letters'],
  [['--id', 'one', 'a', 'b'], 2, 'Expected --id with one job'],
  [['--filename', 'one', 'a', 'b'], 2, 'Expected --filename with one file'],
  [['-', '-'], 2, 'Expected `-` once'],
  [['a', 'missing'], 3, 'There is no "missing": check the path'],
  [['a', 'folder'], 2, '"folder" is a folder: send its files, or pack it first'],
  [['a/b'], 2, 'A part of "a/b" is a file and not a folder'],
])('submit %j is refused in one line, and nothing is made', async (words, code, message) => {
  const cli = await setup()
  await cli.files({ a: 'a', b: 'b' })
  await mkdir(join(cli.folder, 'folder'))
  const said = await cli.run(['submit', 'letters', ...words])
  expect(said).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^error: [^\n]+\n$/) })
  expect(said.stderr).toContain(message)
  expect((await readdir(cli.folder)).toSorted()).toEqual(['a', 'b', 'folder'])
})

const canBecomeNobody = process.getuid?.() === 0
test.skipIf(process.platform === 'win32')(
  'a file or a folder that may not be read is refused, and nothing is sent',
  async () => {
    const cli = await setup()
    await mkdir(join(cli.folder, 'closed'))
    await cli.files({ a: 'a', secret: 's', 'closed/inside': 'i' })
    await chmod(join(cli.folder, 'secret'), 0o000)
    await chmod(join(cli.folder, 'closed'), 0o000)
    await chmod(cli.folder, 0o777)
    for (const path of ['secret', 'closed/inside']) {
      const said = await cli.run(['submit', 'letters', 'a', path], canBecomeNobody ? { uid: 65_534 } : {})
      expect(said).toEqual({
        code: 3,
        stdout: '',
        stderr: `error: No permission for "${path}": change its permissions, or choose another path\n`,
      })
    }
    await chmod(join(cli.folder, 'closed'), 0o700)
    expect(await readdir(cli.folder)).not.toContain('jobs')
  },
)

test('ten thousand jobs of one command all arrive once', { timeout: 120_000 }, async () => {
  const cli = await setup()
  await mkdir(join(cli.folder, 'many'))
  const names = Array.from({ length: 10_000 }, (_, index) => `many/${index}`)
  await Promise.all(names.map((name) => writeFile(join(cli.folder, name), '')))
  const { code, stdout, stderr } = await cli.run(['submit', 'letters', '--concurrency', '50', ...names])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(new Set(stdout.trim().split('\n')).size).toBe(10_000)
  expect((await cli.run(['queues', 'letters', '-o', 'jsonpath={.waiting}'])).stdout).toBe('10000\n')
})

test('a reader that goes after the first line, as head does, is no error', async () => {
  const cli = await setup()
  await cli.files(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, ''])))
  const child = cli.start(['submit', 'letters', ...Array.from({ length: 40 }, (_, index) => `f${index}`)])
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = await once(child, 'close')
  expect({ code, said }).toEqual({ code: 0, said: '' })
})
