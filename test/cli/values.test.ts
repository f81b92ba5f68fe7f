import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Runs } from '../../src/runs.ts'
import { contentsOf } from '../../src/runs/stored/references.ts'
import type { Values } from '../../src/runs/stored/values.ts'
import { source } from '../../src/worker.ts'
import { type Cli, setup } from './command.ts'
import { ctrlC, open } from './terminal.ts'

/** What a secret holds, which no command tells. */
async function held(cli: Cli, name: string): Promise<Values | undefined> {
  const queue = cli.queue('runs')
  return (await contentsOf(() => queue[source].open(), 'secret').get(name))?.content
}

test('a config map is made of values, files and lines, shown, listed, changed and deleted', async () => {
  const cli = await setup()
  await cli.files({ 'render.conf': 'a=1\r\n', b: 'bb', env: '\uFEFF# no\n\nA=1\n B="x y" # z\r\nC=\n' })
  await writeFile(join(cli.folder, 'bytes'), Buffer.from([0xff, 0]))
  const words = ['--from-file', 'render.conf', '-f', 'bee=b', '-f', 'bytes', '-l', 'EQ=a=b', '-l', 'D=-x', '-e', 'env']
  const made = await cli.run(['configmap', 'create', '-n', 'settings', ...words, '-o', 'json'])
  expect([made.code, made.stderr]).toEqual([0, ''])
  expect(JSON.parse(made.stdout)).toEqual({ name: 'settings', version: 1, updatedAt: expect.any(String) })
  const shown = await cli.run(['configmap', 'get', '--name', 'settings', '-o', 'json'])
  expect(JSON.parse(shown.stdout)).toEqual({
    name: 'settings',
    version: 1,
    updatedAt: expect.any(String),
    data: {
      'render.conf': 'a=1\r\n',
      bee: 'bb',
      bytes: { base64: '/wA=' },
      EQ: 'a=b',
      D: '-x',
      A: '1',
      B: '"x y" # z',
      C: '',
    },
  })
  const { stdout } = await cli.run(['configmap', 'get', '-n', 'settings'])
  expect(stdout).toContain('render.conf  a=1\\r\\n\n')
  expect(stdout).toContain('bytes        (2 bytes)\n')
  expect(await cli.run(['configmap', 'update', '-n', 'settings', '--rm', 'A', '--rm=B', '-l', 'C=3'])).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  const changed = await cli.run(['configmap', 'get', '-n', 'settings', '-o', 'jsonpath={.data.C} {.version} {.data.A}'])
  expect(changed.stdout).toBe('3 2 \n')
  await cli.run(['configmap', 'create', '-n', 'a', '-l', 'x=y'])
  expect((await cli.run(['configmap', 'list'])).stdout).toMatch(/^Name +Version +Age\na +1 .*\nsettings +2 .*\n$/)
  const byAge = await cli.run(['configmap', 'list', '--sort-by', 'age', '-o', 'jsonpath={.configmaps[*].name}'])
  expect(byAge.stdout).toBe('a settings\n')
  const deleted = ['configmap', 'delete', '-n', 'settings']
  expect(await cli.run(deleted)).toMatchObject({
    code: 2,
    stderr: 'error: Nobody is there to confirm it: say --force\n',
  })
  expect(await cli.run([...deleted, '--force'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await cli.run([...deleted, '-f'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('There is no config map "settings"'),
  })
  expect((await cli.run([...deleted, '-f', '--inf'])).code).toBe(0)
})

test('a secret’s values are taken from files and standard input, and no command tells them', async () => {
  const cli = await setup()
  await cli.files({ 'key.pem': 'hush-1\nhush-2\n', env: 'user=hush-3\n' })
  const words = ['-f', 'key.pem', '-f', 'password=-', '-e', 'env']
  const told = [
    await cli.run(['secret', 'create', '-n', 'db', ...words], { input: 'hush-4' }),
    await cli.run(['secret', 'get', '-n', 'db']),
    await cli.run(['secret', 'get', '-n', 'db', '-o', 'yaml']),
    await cli.run(['secret', 'list', '-o', 'json']),
    await cli.run(['secret', 'update', '-n', 'db', '-f', 'user=-', '--rm', 'password', '-o', 'json'], {
      input: 'hush-5\n',
    }),
    await cli.run(['secret', 'get', '-n', 'db', '-o', 'jsonpath={.keys[*]}']),
    await cli.run(['secret', 'create', '-n', 'db', '-f', 'a=-', '--debug'], { input: 'hush-6' }),
  ]
  expect(told.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0, 8])
  expect(told[1]?.stdout).toBe('Key\nuser\nkey.pem\npassword\n')
  expect(told[5]?.stdout).toBe('user key.pem\n')
  expect(told.map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain('hush')
  expect(await held(cli, 'db')).toEqual({ 'key.pem': 'hush-1\nhush-2\n', user: 'hush-5\n' })
})

test('a secret’s value in the command line is taken, with a warning that does not repeat it', async () => {
  const cli = await setup()
  const { code, stdout, stderr } = await cli.run(['secret', 'create', '-n', 'db', '--from-literal', 'password=hush'])
  expect([code, stdout, stderr]).toEqual([
    0,
    '',
    'warning: a value in the command line is seen by others and kept by the shell: leave out "=VALUE", and it is asked for\n',
  ])
  expect(await held(cli, 'db')).toEqual({ password: 'hush' })
})

test.each([
  [['-f', '-'], 2, 'Standard input has no name: say --from-file KEY=-'],
  [['-f', 'a=-', '-f', 'b=-'], 2, 'Standard input can be read once'],
  [['-f', 'a=-', '-e', '-'], 2, 'Standard input can be read once'],
  [['-f', 'none'], 3, 'There is no "none"'],
  [['-f', 'folder=.'], 2, '"." is a folder'],
  [['-f', 'my key=file'], 2, 'Expected --from-file to be for a key of 1 to 253 letters'],
  [['-l', 'my key=hush'], 2, 'Expected --from-literal to be for a key of 1 to 253 letters'],
  [['-e', 'odd'], 2, 'Expected --from-env-file to be for a key of 1 to 253 letters'],
  [['-f', 'a=file', '-e', 'env'], 2, 'The key a is given twice'],
  [['-f', 'large'], 2, 'Expected keys and values of at most 1048576 bytes together'],
  [['-e', 'broken'], 2, 'Expected line 2 of "broken" to be KEY=VALUE'],
  [['-e', 'binary'], 2, 'Expected "binary" to be text in UTF-8'],
  [['-l', '=hush'], 2, 'Expected --from-literal to be KEY=VALUE'],
  [['-l', 'key'], 2, 'Nobody is there to type the value of key: say --from-file key=-'],
  [[], 2, 'Expected values: say --from-literal, --from-file or --from-env-file'],
] as const)('values from %j are refused with exit code %i, and nothing is stored', async (words, code, message) => {
  const cli = await setup()
  await cli.files({ file: 'hush', env: 'a=hush\n', broken: 'b=1\nhush\n', odd: 'my key=hush', large: '' })
  await truncate(join(cli.folder, 'large'), 5_000_000_000)
  await writeFile(join(cli.folder, 'binary'), Buffer.from([0xff]))
  const ended = await cli.run(['secret', 'create', '-n', 'db', ...words], { input: 'hush' })
  expect([ended.code, ended.stdout]).toEqual([code, ''])
  expect(ended.stderr).toContain(`error: ${message}`)
  expect(ended.stderr.replace(/^warning.*\n/, '')).not.toContain('hush')
  expect(await readdir(cli.folder)).not.toContain('jobs')
})

test('a config map’s value has to be there, since nobody is asked for it, and is not repeated', async () => {
  const cli = await setup()
  const { code, stderr } = await cli.run(['configmap', 'create', '-n', 'a', '-l', 'hush'])
  expect([code, stderr]).toEqual([2, 'error: Expected --from-literal to be KEY=VALUE\n'])
})

test('what is not there is told of, by the name of the option', async () => {
  const cli = await setup()
  expect(await cli.run(['secret', 'get', '-n', 'db'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('There is no queue "runs"'),
  })
  await cli.run(['secret', 'create', '-n', 'db', '-f', 'a=-'], { input: 'x' })
  for (const words of [
    ['get', '-n', 'none'],
    ['update', '-n', 'none', '-f', 'a=-'],
    ['update', '-n', 'db', '--rm', 'none'],
  ])
    expect(await cli.run(['secret', ...words])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('There is no secret "'),
    })
  expect(await cli.run(['secret', 'create', '-n', 'D', '-f', 'a=-'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected --name to be 1 to 253'),
  })
  expect(await cli.run(['secret', 'create', '-f', 'a=-'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--name'),
  })
})

test('what the command stores, runs of the same queue have', async () => {
  const cli = await setup()
  await cli.run(['secret', 'create', '--queue', 'work', '-n', 'db', '-f', 'a=-'], { input: 'x' })
  const runs = new Runs(cli.queue('work'))
  expect((await runs.secrets.get('db'))?.keys).toEqual(['a'])
})

test('who submits runs is granted nothing of secrets, who works on them reads them', async () => {
  const cli = await setup()
  const policyOf = async (role: string) => (await cli.run(['provision', 'runs', '--policy', role, '--runs'])).stdout
  expect(await policyOf('requester')).toContain('remotejobs-runs/definitions/*')
  expect(await policyOf('requester')).not.toContain('secrets')
  expect(await policyOf('worker')).toContain('remotejobs-runs/secrets/*')
})

describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  test('a secret is asked for, and what is typed is not shown', async () => {
    const cli = await setup()
    const screen = open(cli, ['secret', 'create', '-n', 'db', '-l', 'user', '-l', 'password'])
    await screen.sees(/Value of user/)
    screen.type('hush-1\r')
    await screen.sees(/Value of password/)
    screen.type('hush-2\r')
    expect(await screen.ended()).toBe(0)
    expect(screen.raw()).not.toContain('hush')
    expect(await held(cli, 'db')).toEqual({ user: 'hush-1', password: 'hush-2' })
  })

  test('Ctrl-C at the question stores nothing, and a deletion asks first', async () => {
    const cli = await setup()
    const asked = open(cli, ['secret', 'create', '-n', 'db', '-l', 'user'])
    await asked.sees(/Value of user/)
    asked.type(ctrlC)
    expect(await asked.ended()).toBe(130)
    expect(await readdir(cli.folder)).not.toContain('jobs')
    await cli.run(['configmap', 'create', '-n', 'a', '-l', 'b=c'])
    const screen = open(cli, ['configmap', 'delete', '-n', 'a'])
    await screen.sees(/Delete the config map "a"\?/)
    screen.type('\r')
    expect(await screen.ended()).toBe(130)
    expect((await cli.run(['configmap', 'list', '-o', 'jsonpath={.configmaps[*].name}'])).stdout).toBe('a\n')
  })
})

test('the help says what an argument of a secret is, and where secrets are', async () => {
  const page = await readFile('docs/reference/cli.md', 'utf8')
  expect(page).toContain('with it others see it in the list of processes')
  expect(page).toContain('whoever may read that folder')
})
