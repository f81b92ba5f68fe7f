import { expect, test } from 'vitest'
import { type Cli, setup } from './command.ts'

/** Three jobs; how many of them `list` shows tells which limit it was given. */
async function threeJobs() {
  const cli = await setup()
  await cli.files({ a: 'a', b: 'b', c: 'c' })
  await cli.run(['submit', 'letters', 'a', 'b', 'c'])
  return cli
}

async function shown(cli: Cli, words: readonly string[] = [], env: Record<string, string> = {}): Promise<number> {
  const { stdout, stderr, code } = await cli.run(['list', 'letters', '-o', 'json', ...words], { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const jobs: unknown = JSON.parse(stdout)
  return Array.isArray(jobs) ? jobs.length : -1
}

test('the command line wins over the environment, that over the file, and in the file the command’s own section', async () => {
  const cli = await threeJobs()
  expect(await shown(cli)).toBe(3)
  await cli.files({ 'remotejob.config.json': '{ "limit": 1 }' })
  expect(await shown(cli)).toBe(1)
  await cli.files({ 'remotejob.config.json': '{ "limit": 1, "list": { "limit": 2 } }' })
  expect(await shown(cli)).toBe(2)
  expect(await shown(cli, [], { REMOTEJOB_LIMIT: '1' })).toBe(1)
  expect(await shown(cli, ['--limit', '3'], { REMOTEJOB_LIMIT: '1' })).toBe(3)
})

test.each(['js', 'ts'])('the file may be a module in .%s', async (ending) => {
  const cli = await threeJobs()
  await cli.files({
    'package.json': '{ "type": "module" }',
    [`remotejob.config.${ending}`]: 'export default { limit: 2 }',
  })
  expect(await shown(cli)).toBe(2)
})

test('--config and REMOTEJOB_CONFIG name a file', async () => {
  const cli = await threeJobs()
  await cli.files({ 'one.json': '{ "limit": 1 }', 'two.json': '{ "limit": 2 }' })
  expect(await shown(cli, ['--config', 'one.json'])).toBe(1)
  expect(await shown(cli, [], { REMOTEJOB_CONFIG: 'two.json' })).toBe(2)
})

test('metadata on the command line replaces that of the environment and the file, and is not added to it', async () => {
  const cli = await setup()
  await cli.files({
    'remotejob.config.json': '{ "submit": { "metadata": ["a=1", "b=2"], "metadataJson": { "n": 3 } } }',
  })
  await cli.run(['submit', 'letters', '--id', 'file'])
  await cli.run(['submit', 'letters', '--id', 'variable'], { env: { REMOTEJOB_METADATA: 'c=3' } })
  await cli.run(['submit', 'letters', '--id', 'words', '--metadata', 'd=4'], { env: { REMOTEJOB_METADATA: 'c=3' } })
  const queue = cli.queue('letters')
  const metadata = new Map<string, unknown>()
  for (let i = 0; i < 3; i++) {
    const job = await queue.next()
    metadata.set(job.id, job.metadata)
    await job.complete()
  }
  expect(Object.fromEntries(metadata)).toEqual({
    file: { a: '1', b: '2', n: 3 },
    variable: { c: '3', n: 3 },
    words: { d: '4', n: 3 },
  })
})

test('an option without a value is set by 1, true or yes, and unset by 0, false or no', async () => {
  const cli = await threeJobs()
  await cli.files({ 'remotejob.config.json': '{ "debug": true }' })
  const isStackShown = async (env: Record<string, string>) =>
    (await cli.run(['status', 'letters', 'nobody'], { env })).stderr.includes('\n    at ')
  expect(await isStackShown({})).toBe(true)
  expect(await isStackShown({ REMOTEJOB_DEBUG: '0' })).toBe(false)
  expect(await isStackShown({ REMOTEJOB_DEBUG: '' })).toBe(true)
})

test.each([
  ['{ "limit": "x" }', '"limit" in FILE: Expected a whole number from 1 to 1000000; got "x"'],
  ['{ "limit": [1, 2] }', '"limit" in FILE: Expected one value; got [1,2]'],
  ['{ "limit": [1] }', '"limit" in FILE: Expected one value; got [1]'],
  ['{ "output": ["json", "yaml"] }', '"output" in FILE: Expected one value; got ["json","yaml"]'],
  ['{ "limit": null }', '"limit" in FILE: Expected text or a number; got null'],
  ['{ "quiet": "yes" }', '"quiet" in FILE: Expected true or false; got "yes"'],
  ['{ "list": { "status": "lost" } }', '"status" in FILE: Allowed choices are pending, active,'],
  ['{ "limt": 2 }', 'FILE has the setting "limt", which there is not; did you mean limit?'],
  ['{ "list": { "limt": 2 } }', 'FILE has the setting "list.limt", which there is not; did you mean limit?'],
  ['{ "list": 2 }', '"list" in FILE: Expected an object of options for the command, got 2'],
  ['{ "teardwn": {} }', 'FILE has the setting "teardwn", which there is not; did you mean teardown?'],
  ['[]', 'FILE must hold an object of options'],
  ['{', 'The settings in FILE cannot be read'],
])('the file %s is refused in one line that names the place', async (content, message) => {
  const cli = await setup()
  await cli.files({ 'remotejob.config.json': content })
  const { code, stdout, stderr } = await cli.run(['list', 'letters'])
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 })
  expect(stderr.replaceAll(/\S*remotejob\.config\.json/g, 'FILE')).toContain(`error: ${message.replace(/^"/, '"')}`)
})

test.each([
  ['REMOTEJOB_LIMIT', 'many', 'Expected a whole number from 1 to 1000000; got "many"'],
  ['REMOTEJOB_OUTPUT', 'xml', 'Expected table, json, yaml, jsonpath=EXPRESSION or jsonpath-as-json=EXPRESSION'],
  ['REMOTEJOB_QUIET', 'maybe', 'Expected true or false; got "maybe"'],
])('the variable %s=%s is refused in one line that names it', async (name, value, message) => {
  const cli = await setup()
  const { code, stdout, stderr } = await cli.run(['list', 'letters'], { env: { [name]: value } })
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 })
  expect(stderr).toContain(`error: ${name}: ${message}`)
})

test('help is shown whatever the settings are', async () => {
  const cli = await setup()
  await cli.files({ 'remotejob.config.json': '{' })
  for (const words of [['--help'], ['help', 'submit'], ['submit', '--help']])
    expect(await cli.run(words, { env: { REMOTEJOB_LIMIT: 'x' } })).toMatchObject({ code: 0, stderr: '' })
})
