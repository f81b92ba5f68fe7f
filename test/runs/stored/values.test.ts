import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { setup, textsBelow } from './setup.ts'

test('a config map keeps texts and bytes as they are, and an update changes those that it names', async () => {
  const { runs } = await setup()
  const values = {
    URL: 'http://a/?b=c',
    'app.conf': 'a=1\r\nä\n',
    empty: '',
    bytes: Buffer.from([0, 0xff]),
    ['__proto__']: 'x',
  }
  expect(await runs.configMaps.create('settings.v1', values)).toEqual({
    name: 'settings.v1',
    version: 1,
    createdAt: expect.any(Date),
    updatedAt: expect.any(Date),
  })
  expect(await runs.configMaps.get('settings.v1')).toMatchObject({ name: 'settings.v1', values })
  await runs.configMaps.update('settings.v1', { URL: 'http://b' }, { remove: ['bytes', '__proto__'] })
  expect((await runs.configMaps.get('settings.v1'))?.values).toEqual({
    URL: 'http://b',
    'app.conf': values['app.conf'],
    empty: '',
  })
  await expect(runs.configMaps.update('settings.v1', { a: '1' }, { remove: ['toString'] })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('There is no config map "settings.v1" with the key "toString"'),
  })
  expect((await runs.configMaps.list()).map(({ name }) => name)).toEqual(['settings.v1'])
  expect([await runs.configMaps.delete('settings.v1'), await runs.configMaps.delete('settings.v1')]).toEqual([
    true,
    false,
  ])
})

test('a replacement leaves nothing of what there was but when it was made', async () => {
  const { runs } = await setup()
  const { createdAt } = await runs.configMaps.create('settings', { old: '1', both: '1' })
  const replaced = await runs.configMaps.replace('settings', { both: '2' }, { version: 1 })
  expect(replaced).toMatchObject({ version: 2, createdAt })
  expect(await runs.configMaps.get('settings')).toMatchObject({ version: 2, createdAt, values: { both: '2' } })
  expect(Object.keys((await runs.configMaps.get('settings'))?.values ?? {})).toEqual(['both'])
  await expect(runs.configMaps.replace('settings', {}, { version: 1 })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(runs.configMaps.replace('none', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(runs.configMaps.replace('settings', { 'a b': '' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await runs.configMaps.delete('settings')
  const again = await runs.configMaps.create('settings', {})
  expect(again.createdAt.getTime()).toBeGreaterThan(createdAt.getTime())
})

test('a secret is revealed by the one call that says so', async () => {
  const { runs } = await setup()
  await runs.secrets.create('database', { password: 'hush' })
  expect(await runs.secrets.reveal('database')).toMatchObject({ version: 1, values: { password: 'hush' } })
  expect(inspect([await runs.secrets.get('database'), await runs.secrets.list()], { depth: 9 })).not.toContain('hush')
  expect(await runs.secrets.reveal('none')).toBeUndefined()
})

test('in a local folder no file has what a secret was', async () => {
  const { directory, queue, runs } = await setup()
  const filesWith = async (value: string) => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    const bytes = await Promise.all(files.map((file) => readFile(file)))
    return files.filter((_, index) => bytes[index]?.includes(value) === true).length
  }
  // In a row, on pages of its own, and in a file of its own.
  const values = { small: 'hush-small', large: 'hush-large '.repeat(1000), huge: 'hush-huge '.repeat(50_000) }
  await runs.secrets.create('small', { value: values.small })
  await runs.secrets.create('large', { value: values.large })
  await runs.secrets.create('huge', { value: values.huge })
  expect(await filesWith('hush-small')).toBeGreaterThan(0)
  expect(await filesWith('hush-large')).toBeGreaterThan(0)
  expect(await filesWith('hush-huge')).toBeGreaterThan(0)
  await runs.secrets.update('small', { value: 'another' })
  await runs.secrets.delete('large')
  await runs.secrets.delete('huge')
  await queue.close()
  expect(await filesWith('hush-')).toBe(0)
})

test('a secret’s values come back in no call, and a replaced or deleted one is in no object', async () => {
  const { runs, objects } = await setup()
  await runs.secrets.create('db', { password: 'hush-1', user: 'hush-2' })
  const told = [
    await runs.secrets.get('db'),
    await runs.secrets.list(),
    await runs.secrets.update('db', { password: 'hush-3' }),
  ]
  expect(told[0]).toMatchObject({ name: 'db', version: 1, keys: ['password', 'user'] })
  expect(inspect([told, runs, runs.secrets], { depth: 9, showHidden: true })).not.toContain('hush')
  const kept = Object.values(await textsBelow(objects, '')).join('')
  expect([kept.includes('hush-1'), kept.includes('hush-2'), kept.includes('hush-3')]).toEqual([false, true, true])
  await runs.secrets.delete('db')
  expect(Object.values(await textsBelow(objects, '')).join('')).not.toContain('hush')
})

test('config maps and secrets are apart, and each below a folder that a policy can name', async () => {
  const { runs, objects } = await setup()
  await runs.configMaps.create('one', { a: '1' })
  await runs.secrets.create('one', { a: '2' })
  expect(Object.keys(await textsBelow(objects, ''))).toEqual(['configmaps/one/000000001', 'secrets/one/000000001'])
  await expect(runs.secrets.create('one', {})).rejects.toThrow('There is a secret "one" already')
  await expect(runs.configMaps.update('two', {})).rejects.toThrow('There is no config map "two"')
})

test.each([
  ['no key', { '': 'hush' }, '`key` to be 1 to 253 letters'],
  ['a path as a key', { '../a': 'hush' }, '`key` to be 1 to 253 letters'],
  ['a folder as a key', { '..': 'hush' }, '`key` to be 1 to 253 letters'],
  ['a long key', { ['x'.repeat(254)]: 'hush' }, '`key` to be 1 to 253 letters'],
  ['half a character', { a: 'hush\ud800' }, '`values.a` to be well-formed text, or bytes, got "string"'],
  ['a number', JSON.parse('{"a": 5}'), '`values.a` to be well-formed text, or bytes, got "number"'],
  ['nothing', JSON.parse('{"a": null}'), '`values.a` to be well-formed text, or bytes, got "null"'],
  ['too much', { a: 'hush', b: Buffer.alloc(1024 * 1024 - 5) }, 'at most 1048576 bytes together, got 1048577'],
] as [string, Record<string, string | Uint8Array>, string][])(
  '%s is refused, without a word of the values, and nothing is stored',
  async (_, values, message) => {
    const { runs, objects } = await setup()
    const error: unknown = await runs.secrets.create('one', values).catch((refused: unknown) => refused)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hush')
    expect((await objects.list('')).objects).toEqual([])
  },
)

test('as much as fits is kept, and an update does not go beyond it', async () => {
  const { runs } = await setup()
  await runs.configMaps.create('one', { a: Buffer.alloc(1024 * 1024 - 2, 1) })
  await expect(runs.configMaps.update('one', { b: '' })).resolves.toMatchObject({ version: 2 })
  await expect(runs.configMaps.update('one', { c: '1' })).rejects.toThrow('at most 1048576 bytes')
  for (const name of ['', 'A', 'a_b', '-a', 'a/b', 'x'.repeat(254)])
    await expect(runs.configMaps.create(name, {})).rejects.toThrow('`name` to be 1 to 253 lower-case letters')
})
