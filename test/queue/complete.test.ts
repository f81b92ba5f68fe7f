import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type Assets, JobAlreadySettledError, JobFailedError } from '../../src/index.ts'
import { grounds, nextOf, refusal, useStage } from './setup.ts'

describe.each(grounds)('how a job ends, over $ground', ({ start }) => {
  const { setup } = useStage(start)

  /** A job in hand, and what its requester is told. */
  async function taken(metadata: Record<string, unknown> = {}) {
    const scene = await setup()
    const handle = await scene.queue.submit(metadata)
    return { ...scene, handle, job: await nextOf(scene.queue) }
  }

  /** The texts that a job handed back, by name. */
  async function textsOf(
    assets: Readonly<Record<string, { text(): Promise<string> }>>,
  ): Promise<Record<string, string>> {
    return Object.fromEntries(
      await Promise.all(Object.entries(assets).map(async ([name, asset]) => [name, await asset.text()])),
    )
  }

  test('complete() hands back nothing', async () => {
    const { job, handle } = await taken()
    await job.complete()
    expect(await handle.result()).toMatchObject({ status: 'completed', value: undefined, assets: {} })
  })

  const forms: [string, Assets, Record<string, string>][] = [
    ['one asset', { body: 'a' }, { output: 'a' }],
    ['one asset with a key', { key: 'deep/in/here.txt', body: 'a' }, { 'deep/in/here.txt': 'a' }],
    ['an array', [{ body: 'a' }, { key: 'log', body: 'b' }], { output: 'a', log: 'b' }],
    ['an empty array', [], {}],
    ['an object of bodies', { small: 'a', large: Buffer.from('b') }, { small: 'a', large: 'b' }],
    ['an object of assets, whose names win over keys', { small: { key: 'other', body: 'a' } }, { small: 'a' }],
    [
      'names from prototypes',
      { ['__proto__']: 'a', constructor: { body: 'b' } },
      { ['__proto__']: 'a', constructor: 'b' },
    ],
    ['names that URLs mangle', { 'é + %20&?#😀 .png': 'a' }, { 'é + %20&?#😀 .png': 'a' }],
    ['empty files', { output: '' }, { output: '' }],
  ]
  test.each(forms)('complete(assets) takes %s', async (_form, assets, expected) => {
    const { job, handle } = await taken()
    await job.complete(assets)
    const result = await handle.result()
    expect(await textsOf(result.assets)).toEqual(expected)
  })

  test('complete(null, assets) completes, as in remotejob 2', async () => {
    const { job, handle } = await taken()
    await job.complete(null, [
      { key: 'output', body: Readable.from(['a']) },
      { key: 'stderr', body: Readable.from(['b']) },
    ])
    expect(await textsOf((await handle.result()).assets)).toEqual({ output: 'a', stderr: 'b' })
  })

  test('complete(undefined, assets) completes too', async () => {
    const { job, handle } = await taken()
    await job.complete(undefined, { body: 'a' })
    expect(await textsOf((await handle.result()).assets)).toEqual({ output: 'a' })
  })

  test('complete({ value }) hands back JSON, alone or beside assets', async () => {
    const { job, handle } = await taken()
    await job.complete({ value: { pages: [1, null, 'x'], ['__proto__']: 1 }, assets: { log: 'b' } })
    const { value, assets } = await handle.result()
    expect(value).toEqual({ pages: [1, null, 'x'], ['__proto__']: 1 })
    expect(await textsOf(assets)).toEqual({ log: 'b' })
  })

  test.each([[null], [false], [0], [''], [[]], [{}]])('a value of %j comes back as it is', async (value) => {
    const { job, handle } = await taken()
    await job.complete({ value })
    expect((await handle.result()).value).toEqual(value)
  })

  test('complete(error) fails the job for good, and the requester gets the worker’s error', async () => {
    const { job, handle, queue } = await taken()
    await job.complete(Object.assign(new TypeError('no such colour'), { code: 'E_COLOUR' }))
    const error = await refusal(handle.result())
    expect(error).toBeInstanceOf(JobFailedError)
    expect(error).toMatchObject({
      code: 'JOB_FAILED',
      jobId: handle.id,
      message: `Job "${handle.id}" failed: no such colour`,
    })
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'no such colour', code: 'E_COLOUR' })
    expect(error.cause).toHaveProperty('stack', expect.stringContaining('complete.test.ts'))
    expect(await handle.status()).toBe('failed')
    expect(await queue.next('pending', { waitSeconds: 0 })).toBeUndefined()
  })

  test('a failed job hands back files all the same', async () => {
    for (const end of ['complete', 'fail'] as const) {
      const { job, handle } = await taken()
      await job[end](new Error('no'), { log: 'what went wrong' })
      const error = await refusal(handle.result())
      if (!(error instanceof JobFailedError)) throw error
      expect(error.result).toMatchObject({ status: 'failed', attempt: 1, error: { message: 'no' } })
      expect(await error.result.assets['log']?.text()).toBe('what went wrong')
    }
  })

  const thrown: [unknown, string][] = [
    ['plain words', 'plain words'],
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [10n, '10n'],
    [{ reason: 'x' }, '{"reason":"x"}'],
    [Symbol('s'), 'Symbol(s)'],
    [runInNewContext('new RangeError("from elsewhere")'), 'from elsewhere'],
    [Object.assign(new Error('named'), { name: 7 }), 'named'],
    [Object.assign(new Error('x'), { message: { deep: 1 } }), '{"deep":1}'],
    [new Error('NUL \u0000, \uffff and \ud800'), 'NUL \u0000, \uffff and \ud800'],
  ]
  test.each(thrown)('fail(%o) says so to the requester', async (given, words) => {
    const { job, handle } = await taken()
    await job.fail(given)
    const error = await refusal(handle.result())
    expect(error).toMatchObject({ code: 'JOB_FAILED', cause: { message: words } })
  })

  test('complete with a string and assets fails the job with these words', async () => {
    const { job, handle } = await taken()
    await job.complete('out of paint', null)
    expect(await refusal(handle.result())).toMatchObject({ cause: { message: 'out of paint' } })
  })

  test('small and large files come back alike: some ride in the result, the others are objects', async () => {
    const { job, handle, keys } = await taken()
    const large = Buffer.alloc(200_000, 'abc')
    await job.complete({
      tiny: 'a',
      large,
      streamed: Readable.from([large]),
      blob: new Blob([large], { type: 'image/png' }),
    })
    const { assets } = await handle.result()
    expect(assets['tiny']?.key).toBeUndefined()
    expect(await assets['tiny']?.text()).toBe('a')
    for (const name of ['large', 'streamed', 'blob']) {
      expect(assets[name]).toMatchObject({
        size: large.byteLength,
        key: expect.stringMatching(`^assets/${handle.id}/1-[0-9a-f]+/${name}$`),
      })
      expect((await assets[name]?.bytes())?.equals(large)).toBe(true)
    }
    expect(assets['blob']?.contentType).toBe('image/png')
    expect(await keys('assets/')).toHaveLength(3)
  })

  test('an asset says what it is: filename, contentType, or what its name’s ending stands for', async () => {
    const { job, handle } = await taken()
    await job.complete([
      { key: 'a', filename: 'é "x".png', body: 'x' },
      { key: 'b.json', body: 'x' },
      { key: 'c.json', contentType: 'text/x-mine; charset=ütf', body: 'x' },
      { key: 'd', body: new File(['x'], 'photo.gif', { type: 'image/gif' }) },
      { key: 'log', body: 'x' },
    ])
    const { assets } = await handle.result()
    const said = Object.entries(assets).map(([name, { filename, contentType }]) => [name, filename, contentType])
    expect(said).toEqual([
      ['a', 'é "x".png', 'image/png'],
      ['b.json', 'b.json', 'application/json'],
      ['c.json', 'c.json', 'text/x-mine; charset=ütf'],
      ['d', 'photo.gif', 'image/gif'],
      ['log', 'log', undefined],
    ])
  })

  test('both ends of a program that writes more than its pipes hold', async () => {
    const { job, handle } = await taken()
    const script = `const line = 'x'.repeat(1023) + '\\n'; for (let i = 0; i < 400; i++) { process.stderr.write(line); process.stdout.write(line) }`
    const program = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    await job.complete({ stdout: program.stdout, stderr: program.stderr })
    const { assets } = await handle.result()
    expect([assets['stdout']?.size, assets['stderr']?.size]).toEqual([409_600, 409_600])
  })

  test('an asset can be read as often as wanted', async () => {
    const { job, handle } = await taken()
    await job.complete({ output: 'abc' })
    const { assets } = await handle.result()
    for (let times = 0; times < 2; times += 1) {
      expect(await Array.fromAsync(assets['output']?.createReadStream() ?? [], String)).toEqual(['abc'])
    }
  })

  test('complete twice is complete once', async () => {
    const { job, handle } = await taken()
    await Promise.all([job.complete({ value: 1 }), job.complete({ value: 2 })])
    await job.complete({ value: 3 })
    expect((await handle.result()).value).toBe(1)
  })

  test('an outcome after another outcome of the same worker is ALREADY_SETTLED, and changes nothing', async () => {
    const { job, handle } = await taken()
    await job.complete({ value: 1 })
    for (const attempt of [() => job.fail(new Error('no')), () => job.complete(new Error('no'))]) {
      const error = await refusal(attempt())
      expect(error).toBeInstanceOf(JobAlreadySettledError)
      expect(error).toMatchObject({ code: 'ALREADY_SETTLED', jobId: handle.id, status: 'completed' })
      expect(error.message).toContain(`Job "${handle.id}" is completed already`)
    }
    for (const attempt of [() => job.release(), () => job.progress(1)]) {
      expect(await refusal(attempt())).toMatchObject({ code: 'ALREADY_SETTLED' })
    }
    await job.acknowledge()
    expect((await handle.result()).value).toBe(1)
  })

  test('a body that fails leaves the job in hand and nothing stored; completing it again works', async () => {
    const { job, handle, queue, keys } = await taken()
    const before = await keys()
    const failing = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000)
        throw new Error('disk on fire')
      })(),
    )
    const error = await refusal(job.complete({ fine: Buffer.alloc(100_000), output: failing }))
    expect(error).toMatchObject({
      code: 'BODY_FAILED',
      message: '`assets.output.body` failed while it was read: disk on fire',
    })
    expect(error.cause).toMatchObject({ message: 'disk on fire' })
    expect(await keys()).toEqual(before)
    expect(await handle.status()).toBe('pending')
    expect(await queue.next('completed', { waitSeconds: 0 })).toBeUndefined()
    await job.complete({ output: 'better' })
    expect(await textsOf((await handle.result()).assets)).toEqual({ output: 'better' })
  })

  test('what cannot be handed back is refused, and the job stays in hand', async () => {
    const { job, handle } = await taken()
    const wrong: [unknown, string][] = [
      ['just words', 'a string alone could be an error or a file; send { body: "just words" } or an Error'],
      [42, 'they are 42'],
      [[{ body: 'a' }, { body: 'b' }], 'two assets are called "output"; give each a `key` of its own'],
      [[{ filename: 'x' }], '`assets[0]` has no `body`'],
      [{ '../x': 'a' }, 'Expected `assets.../x` to be an object\'s key: without "." or ".." as a part, got "../x"'],
      [{ '': 'a' }, 'Expected `assets.` to be an object\'s key: from 1 to 896 bytes of UTF-8, got ""'],
      [Promise.resolve({ body: 'a' }), 'but they are Promise {'],
      [new Map([['output', 'a']]), "but they are Map(1) { 'output' => 'a' }"],
      [{ output: Promise.resolve('a') }, 'got an object of class Promise'],
      [{ key: '/etc/passwd', body: 'a' }, 'Expected `assets.key` to be an object\'s key: without "/" at its beginning'],
      [{ ['n'.repeat(513)]: 'a' }, 'has more than 512 bytes'],
      [
        { body: 42 },
        'Expected `assets.body` to be a string, Uint8Array, stream, Blob or async iterable of bytes, got a number',
      ],
      [{ output: null }, 'got null'],
      [{ filename: 'a\nb', body: 'a' }, '`assets.filename` is "a\\nb", not a text without control characters'],
      [{ contentType: 7, body: 'a' }, '`assets.contentType` is 7'],
      [{ value: new Date(0) }, 'Expected `value` to be JSON, but it is a Date; send toISOString()'],
      [{ value: { deep: [1n] } }, 'Expected `value.deep[0]` to be JSON, but it is a bigint'],
    ]
    for (const [assets, words] of wrong) {
      const error = await refusal(job.complete(assets as null))
      expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining(words)])
    }
    expect(await refusal(job.complete({ body: 'a' }, { body: 'b' }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    await job.complete()
    expect((await handle.result()).status).toBe('completed')
  })

  test('a job of an unfinished kind has no assets and no result yet', async () => {
    const { job } = await taken()
    expect(await refusal(job.bytes('output'))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('its input is createReadStream()'),
    })
    expect(await refusal(job.result())).toMatchObject({ code: 'UNSUPPORTED' })
  })
})
