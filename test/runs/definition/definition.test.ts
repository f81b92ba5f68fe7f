import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJobName, checkNewRunName, checkRunName } from '../../../src/runs/definition/check-definition.ts'
import { mergeEnvironment, parseLiteral, parseReference } from '../../../src/runs/definition/environment-entry.ts'
import { lowerResources, parseQuantity } from '../../../src/runs/definition/lower-resources.ts'
import { checkRunImage, definitionFrom, mergeDefinition } from '../../../src/runs/definition/merge.ts'
import { formatSize, parseCpu, parseSize } from '../../../src/runs/definition/resources.ts'
import { isListed } from '../../../src/runs/definition/whitelist.ts'

const simple = { name: 'sum', command: ['sum'] } as const

describe('a definition', () => {
  test('has the defaults of IBM Code Engine', () => {
    expect(definitionFrom(simple)).toMatchObject({
      ...simple,
      mode: 'task',
      arrayIndexes: '0',
      cpu: 1,
      memory: 4e9,
      ephemeralStorage: 4e8,
      retryLimit: 3,
      maxExecutionSeconds: 7200,
    })
  })

  test.each([
    [{ retryLimit: 6 }, '`retryLimit` to be an integer from 0 to 5, got 6'],
    [{ maxExecutionSeconds: 86_401 }, '`maxExecutionSeconds` to be an integer from 1 to 86400'],
    [{ cpu: 3 }, '`cpu` to be one of 0.125, 0.25'],
    [{ cpu: 1, memory: 16e9 }, '`memory` to be one of 2G, 4G, 8G with 1 cpu, got "16G"'],
    [{ ephemeralStorage: 5e9 }, '`ephemeralStorage` to be no more than the memory, 4G, got "5G"'],
    [{ mode: 'daemon' as const, retryLimit: 1 }, '`retryLimit` to be left out with the mode daemon'],
    [{ mode: 'daemon' as const, maxExecutionSeconds: 1 }, '`maxExecutionSeconds` to be left out with the mode daemon'],
    [{ arrayIndexes: '0-1000' }, '`arrayIndexes` to be at most 1000 indexes'],
    [{ command: [] }, 'Expected an `image` for a container, or a `command`'],
    [{ command: ['a\0b'] }, '`arguments` to be words without NUL'],
    [{ arguments: ['x'.repeat(11_000)] }, 'a definition of at most 10240 bytes'],
  ])('with %j is refused, and the refusal names the reason', (more, message) => {
    expect(() => definitionFrom({ ...simple, ...more })).toThrow(message)
  })

  test.each([
    ['folders with relative names without an image', undefined, ['/a']],
    ['folders each once, and none within another', 'i', ['/a', '/a/']],
    ['folders each once, and none within another', 'i', ['/a/b', '/a']],
    ...['', '/', '//a', '../a', 'a/../b', './a', 'a//b', 'a:b', 'a,b', 'a\0', '/a\n'].map(
      (directory) => ['folders such as /etc/app or app', 'i', [directory]] as const,
    ),
  ] as const)('mounts %s: with the image %s, %j is refused', (message, image, directories) => {
    const mounts = directories.map((directory) => ({ directory, from: 'secret', name: 'b' }) as const)
    expect(() => definitionFrom({ ...simple, image, mounts })).toThrow(`Expected \`mounts\` to be ${message}`)
  })

  test.each([
    [{ retrylimit: 1 }, 'no member "retrylimit" of a job or a run; did you mean `retryLimit`?'],
    [{ retry_limit: 1 }, 'did you mean `retryLimit`?'],
    [{ env: [] }, 'no member "env" of a job or a run; there are name, image,'],
    [{ runName: 'a' }, 'no member "runName"'],
  ])('with a member that there is not, as in %j, is refused, also where it changes another', (more, message) => {
    const given = { ...simple, ...more }
    expect(() => definitionFrom(given)).toThrow(message)
    expect(() => mergeDefinition(definitionFrom(simple), { command: ['a'], ...more })).toThrow(message)
    const nothing = { strange: undefined }
    expect(definitionFrom({ ...simple, ...nothing })).toMatchObject(simple)
  })

  test('has no names in its environment that a program or an object could not have, and does not show values', () => {
    const all = { kind: 'all', from: 'secret', reference: 'a', prefix: '' } as const
    for (const [entry, message] of [
      [{ kind: 'literal', name: '1A', value: 'hush' }, '`environment` to be a variable of letters'],
      [{ kind: 'literal', name: 'A', value: 'hush\0' }, '`environment` to be a value without NUL, got "A"'],
      [{ ...all, prefix: '=' }, '`environment` to be a variable of letters'],
      [{ ...all, reference: '../a' }, '`environment` to be the name of a secret'],
      [{ ...all, kind: 'key', name: 'A', key: '..' }, '`environment` to be a key of a secret'],
    ] as const) {
      expect(() => definitionFrom({ ...simple, environment: [entry] })).toThrow(message)
      expect(() => definitionFrom({ ...simple, environment: [entry] })).not.toThrow('hush')
    }
    expect(() => definitionFrom({ ...simple, mounts: [{ directory: 'a', from: 'config map', name: 'A' }] })).toThrow(
      '`name` to be 1 to 253 lower-case letters',
    )
  })

  test.each([
    ['command', 'true', 'a list of texts'],
    ['command', [7], 'a list of texts'],
    ['arguments', 'x', 'a list of texts'],
    ['dependsOn', null, 'a list'],
    ['image', 7, 'text'],
    ['arrayIndexes', 5, 'text'],
    ['environment', 'A=hush', 'a list'],
    ['environment', [null], 'a list of variables'],
    ['mounts', [{ directory: 'a', from: 'disk', name: 'hush' }], 'a list of mounts'],
  ])('refuses %s that is %j, which nobody could read afterwards', (member, value, kind) => {
    const given: object = { ...simple, [member]: value }
    const message = `Expected \`${member}\` to be ${kind}`
    expect(() => definitionFrom(given as typeof simple)).toThrow(message)
    expect(() => mergeDefinition(definitionFrom(simple), given as typeof simple)).toThrow(message)
    expect(() => definitionFrom(given as typeof simple)).not.toThrow('hush')
  })

  test('keeps its name and takes what a run says; environments are merged by name', () => {
    const job = definitionFrom({ ...simple, environment: [parseLiteral('A=1'), parseLiteral('B=2')] })
    const run = mergeDefinition(job, { name: 'other', retryLimit: 0, environment: [parseLiteral('B=3')] })
    expect(run).toEqual({ ...job, retryLimit: 0, environment: [parseLiteral('A=1'), parseLiteral('B=3')] })
  })

  test('becomes a daemon’s only without a limit of its own', () => {
    const job = definitionFrom({ ...simple, retryLimit: 2 })
    expect(mergeDefinition(job, { mode: 'daemon' }).mode).toBe('daemon')
    expect(() => mergeDefinition(definitionFrom({ ...simple, mode: 'daemon' }), { retryLimit: 2 })).toThrow('daemon')
  })

  test('is run with its own image, or one on its list, and no other', () => {
    const job = definitionFrom({ ...simple, image: 'a' })
    checkRunImage(job, 'a')
    expect(() => checkRunImage(job, 'b')).toThrow('`image` to be the job\'s, "a", got "b"')
    checkRunImage({ ...job, imagesWhitelist: ['b*'] }, 'b:1')
    expect(() => checkRunImage(definitionFrom(simple), 'b')).toThrow('`image` to be left out, as the job has none')
    checkRunImage(definitionFrom({ ...simple, imagesWhitelist: ['b*'] }), 'b:1')
  })
})

test('names are lower-case, and a run’s are shorter', () => {
  for (const name of ['a', '0', 'a-b', 'x'.repeat(53)]) checkRunName(name)
  checkJobName('x'.repeat(63))
  for (const name of ['', 'A', '-a', 'a-', 'a.b', 'a/b', 'ä', 'x'.repeat(64), 7])
    expect(() => checkJobName(name)).toThrow('Expected `name` to be 1 to 63 lower-case letters')
  expect(() => checkRunName('x'.repeat(54))).toThrow('1 to 53')
  expect(() => checkNewRunName('A', {})).toThrow('Expected `runName` to be 1 to 53')
})

test('names have "_" in them where the job is one of SlimFaas', () => {
  const slimFaas = { requests: {}, limits: {} }
  for (const name of ['a_b', 'a__b-c']) {
    checkJobName(name)
    checkRunName(name)
    checkNewRunName(name, { slimFaas })
    expect(definitionFrom({ ...simple, name, slimFaas }).name).toBe(name)
    expect(() => definitionFrom({ ...simple, name })).toThrow('1 to 63 lower-case letters, digits and "-", with')
    expect(() => checkNewRunName(name, {})).toThrow('1 to 53 lower-case letters, digits and "-", with')
  }
  expect(() => definitionFrom({ ...simple, name: '_a', slimFaas })).toThrow('digits, "-" and "_", with a letter')
})

test('sizes are decimal, and read as they were written', () => {
  expect([parseSize('500M', 'm'), parseSize('0.5G', 'm'), parseSize('4G', 'm')]).toEqual([5e8, 5e8, 4e9])
  expect([parseCpu('0.25', 'c'), parseCpu('250m', 'c')]).toEqual([0.25, 0.25])
  for (const text of ['4', '4Gi', '-1G', '0M', '1e3M', '']) expect(() => parseSize(text, 'memory')).toThrow('`memory`')
  for (const text of ['0', 'x', '-1', '']) expect(() => parseCpu(text, 'cpu')).toThrow('`cpu`')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 48_000 }), (megabytes) => {
      expect(parseSize(formatSize(megabytes * 1e6), 'memory')).toBe(megabytes * 1e6)
    }),
  )
})

describe('an environment', () => {
  test('has literals with anything behind the first "="', () => {
    expect(parseLiteral('A=b=c d')).toEqual({ kind: 'literal', name: 'A', value: 'b=c d' })
    expect(parseLiteral('A=')).toEqual({ kind: 'literal', name: 'A', value: '' })
    for (const text of ['A', '=b', '1A=b', 'A B=c', 'A=\0']) expect(() => parseLiteral(text)).toThrow('`env`')
  })

  test('never repeats a value in a refusal, since it may be a secret', () => {
    expect(() => parseLiteral('1PASSWORD=hunter2')).toThrow(/^(?!.*hunter2)/)
  })

  test.each([
    ['db', [{ kind: 'all', from: 'secret', reference: 'db', prefix: '' }]],
    ['DB_=db', [{ kind: 'all', from: 'secret', reference: 'db', prefix: 'DB_' }]],
    [
      'db:user,password',
      [
        { kind: 'key', from: 'secret', reference: 'db', name: 'user', key: 'user' },
        { kind: 'key', from: 'secret', reference: 'db', name: 'password', key: 'password' },
      ],
    ],
    ['db:USER=user', [{ kind: 'key', from: 'secret', reference: 'db', name: 'USER', key: 'user' }]],
  ])('takes the reference %s', (text, entries) => {
    expect(parseReference(text, 'secret', 'env-from-secret')).toEqual(entries)
  })

  test.each(['', '=db', 'DB=', 'Db', 'db:', 'db:a=', 'db:=a', 'db:a=b=c', '../x', 'a/b', ':a'])(
    'refuses the reference %j',
    (text) => {
      expect(() => parseReference(text, 'secret', 'env-from-secret')).toThrow('`env-from-secret`')
    },
  )

  test('merged has every name once, the run’s value where both have it, and the configured first', () => {
    const entries = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { maxLength: 7 })
    fc.assert(
      fc.property(entries, entries, (configured, wanted) => {
        const merged = mergeEnvironment(
          configured.map((name) => parseLiteral(`${name}=job`)),
          wanted.map((name) => parseLiteral(`${name}=run`)),
        )
        expect(merged).toEqual([
          ...configured.filter((name) => !wanted.includes(name)).map((name) => parseLiteral(`${name}=job`)),
          ...wanted.map((name) => parseLiteral(`${name}=run`)),
        ])
      }),
    )
  })
})

test('a list of images takes whole names, and nothing but "*" means more than itself', () => {
  expect(isListed('registry.io/team/app:1', ['registry.io/*'])).toBe(true)
  expect(isListed('registryXio/app', ['registry.io/*'])).toBe(false)
  expect(isListed('a', ['*'])).toBe(true)
  expect(isListed('ab', ['a'])).toBe(false)
  expect(isListed('aba', ['ab*ba'])).toBe(false)
  expect(isListed('A', ['a'])).toBe(false)
  expect(isListed('a', [])).toBe(false)
})

test('a list means what the regular expression of it would mean', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
  fc.assert(
    fc.property(text, text, (name, pattern) => {
      const expression = new RegExp(`^${pattern.split('*').join('.*')}$`)
      expect(isListed(name, [pattern])).toBe(expression.test(name))
    }),
  )
})

test('resources are never above the configured ones', () => {
  expect(lowerResources({ cpu: '400m', memory: '1Gi' }, { cpu: '1', memory: '1024Mi', gpu: '1' })).toEqual({
    resources: { cpu: '400m', memory: '1024Mi' },
    lowered: ['cpu', 'gpu'],
  })
  expect(parseQuantity('1.5Gi')).toBe(1.5 * 2 ** 30)
  expect(parseQuantity('1')).toBe(parseQuantity('1000m'))
  expect(parseQuantity('2048Mi')).toBe(parseQuantity('2Gi'))
  const quantity = fc.tuple(fc.nat(9999), fc.constantFrom('', 'm', 'Mi', 'Gi')).map((parts) => parts.join(''))
  fc.assert(
    fc.property(quantity, quantity, (configured, wanted) => {
      const { cpu = '' } = lowerResources({ cpu: configured }, { cpu: wanted }).resources
      expect(parseQuantity(cpu)).toBe(Math.min(parseQuantity(configured) ?? NaN, parseQuantity(wanted) ?? NaN))
    }),
  )
})
