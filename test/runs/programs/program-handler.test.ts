import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { JobFailedError, type Queue } from '../../../src/index.ts'
import { grounds, useStage } from '../../queue/setup.ts'
import { foldersOf, node, running, script, textsOf } from './setup.ts'

/** How a job failed. */
async function failureOf(queue: Queue, id: string): Promise<JobFailedError> {
  const error: unknown = await queue.result(id, { timeoutSeconds: 30 }).catch((reason: unknown) => reason)
  if (error instanceof JobFailedError) return error
  throw new Error('Expected a failed job', { cause: error })
}

const waiting = { timeoutSeconds: 30 }

describe.skipIf(process.platform === 'win32').each(grounds)('a program for each job, on $ground', ({ start }) => {
  const stage = useStage(start)

  it('finds its job in its environment, and hands back what it leaves and prints', async () => {
    const { queue } = await stage.setup()
    const handle = await queue.submit({ filename: 'in.txt', width: 320, deep: { a: [1] }, body: 'the input' })
    const text = `cp "$JOB_INPUT" "$JOB_OUTPUT_DIR/copy"; mkdir -p "$JOB_OUTPUT_DIR/a/b"; printf "$JOB_META_WIDTH" > "$JOB_OUTPUT_DIR/a/b/width.txt"
      cat "$JOB_METADATA_FILE"; printf '%s|' "$JOB_ID" "$JOB_ATTEMPT" "$JOB_ATTEMPTS" "$JOB_QUEUE" "$JOB_FILENAME" "$JOB_META_DEEP" "$MORE" >&2; cat`
    await using _ = running(queue, { ...script(text), environment: { MORE: 'x' } })
    const texts = await textsOf(await handle.result(waiting))
    expect(texts).toEqual({
      copy: 'the input',
      'a/b/width.txt': '320',
      stdout: JSON.stringify({ filename: 'in.txt', width: 320, deep: { a: [1] } }),
      stderr: `${handle.id}|1|3|${queue.name}|in.txt|{"a":[1]}|x|`,
    })
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('costs its job no attempt when the worker has no room for its files, and runs once it has', async () => {
    const { queue } = await stage.setup()
    vi.stubEnv('TMPDIR', '/nowhere/at/all')
    onTestFinished(() => void vi.unstubAllEnvs())
    const { id } = await queue.submit({}, { attempts: 1 })
    await using work = running(queue, script('echo done'))
    await vi.waitFor(() => expect(work.names()).toContain('error'), 20_000)
    expect(work.events.find(({ name }) => name === 'error')).toMatchObject({
      jobId: id,
      delaySeconds: 5,
      error: { code: 'UNAVAILABLE', message: expect.stringContaining('"/nowhere/at/all", cannot be used (ENOENT)') },
    })
    vi.unstubAllEnvs()
    const result = await queue.result(id, waiting)
    expect([result.attempt, await textsOf(result)]).toEqual([1, { stdout: 'done\n', stderr: '' }])
  })

  it('fails an attempt with what it said last, and a later attempt completes the job once', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    const program = script(
      '[ "$JOB_ATTEMPT" = 2 ] && exit 0; echo first >&2; printf "sad\\033[31m\\001\\n" >&2; exit 4',
    )
    await using work = running(queue, program)
    const { attempt } = await queue.result(id, waiting)
    const retrying = work.events.find(({ name }) => name === 'retrying')
    expect(attempt).toBe(2)
    expect(retrying?.error).toMatchObject({
      message: 'sh ended with exit code 4: first\nsad\ufffd',
      code: 'ContainerExitedCode4',
    })
  })

  it.each([
    ['exit code 78 at once', 'echo bad; exit 78', 1, 'ContainerExitedCode78'],
    ['any other code when its attempts are used up', 'echo bad; exit 1', 2, 'ContainerExitedCode1'],
    ['a signal', 'echo bad; kill -KILL $$', 2, 'ProgramKilled'],
  ])('fails its job for good with %s, and what it printed stays', async (_, text, attempt, code) => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 2 })
    await using _worker = running(queue, script(text))
    const { result } = await failureOf(queue, id)
    expect([result.attempt, result.error?.code, await textsOf(result)]).toEqual([
      attempt,
      code,
      { stdout: 'bad\n', stderr: '' },
    ])
  })

  it('that is not there fails the attempt and says what to do', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 1 })
    await using _ = running(queue, { command: 'no-such-program' })
    expect((await failureOf(queue, id)).result.error).toMatchObject({
      code: 'ExecutableNotFound',
      message: expect.stringContaining('no-such-program could not be started'),
    })
  })

  it('that takes too long is ended, killed after its grace, and what it printed stays', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 1, timeoutSeconds: 1 })
    const program = script('echo began; trap "" TERM; while :; do sleep 0.05; done')
    await using _ = running(queue, { ...program, graceSeconds: 1 }, { graceSeconds: 5 })
    const { result } = await failureOf(queue, id)
    expect([result.error?.code, await textsOf(result)]).toEqual(['TIMED_OUT', { stdout: 'began\n', stderr: '' }])
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('of a worker that closes is ended, and its job given back at no cost', async () => {
    const { queue } = await stage.setup()
    await queue.submit({})
    const work = running(queue, script('trap "exit 0" TERM; while :; do sleep 0.05; done'))
    await vi.waitFor(() => expect(work.names()).toContain('started'), 10_000)
    await work.worker.close({ timeoutSeconds: 1 })
    expect(work.names()).toContain('released')
    expect((await queue.next('pending', { waitSeconds: 10 }))?.attempt).toBe(1)
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('reads inputs of no bytes and of many', async () => {
    const { queue } = await stage.setup()
    const large = Buffer.alloc(8_000_001, 'abc')
    const handles = await Promise.all([queue.submit({ body: '' }), queue.submit({ body: large })])
    await using _ = running(queue, script('cat "$JOB_INPUT"'))
    const [none, all] = await Promise.all(handles.map((handle) => handle.result(waiting)))
    expect(none?.assets['stdout']?.size).toBe(0)
    const sum = (bytes: Uint8Array | undefined) =>
      createHash('sha256')
        .update(bytes ?? '')
        .digest('hex')
    expect(sum(await all?.assets['stdout']?.bytes())).toBe(sum(large))
  })

  it('leaves no links, pipes and files of other folders among the assets, and is told so', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    const text = 'cd "$JOB_OUTPUT_DIR"; echo a > a; ln -s /etc/passwd link; ln -s /etc folder; mkfifo pipe; mkdir empty'
    await using _ = running(queue, script(text))
    const { stderr, ...others } = await textsOf(await queue.result(id, waiting))
    expect(others).toEqual({ a: 'a\n', stdout: '' })
    for (const note of ['"link" is a symbolic link', '"folder" is a symbolic link', '"pipe" is no regular file'])
      expect(stderr).toContain(note)
  })

  it.each([
    ['with a line feed', String.raw`touch "$(printf 'a\nb')"`],
    ['that is not UTF-8', String.raw`touch "$(printf 'a\377b')"`],
    ['of more than 512 bytes', 'x=$(printf %0250d 0); mkdir -p $x/$x; touch $x/$x/$x'],
  ])('leaves out a file of a name %s, and says so', async (_, text) => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    await using _worker = running(queue, script(`cd "$JOB_OUTPUT_DIR"; ${text}; echo did > did`))
    const { stderr, ...others } = await textsOf(await queue.result(id, waiting))
    expect(others).toEqual({ did: 'did\n', stdout: '' })
    expect(stderr).toContain('has a name that no asset can have')
  })

  it('is taken at its word where it writes a file called stdout itself', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    await using _ = running(queue, script('echo printed; echo written > "$JOB_OUTPUT_DIR/stdout"'))
    expect(await textsOf(await queue.result(id, waiting))).toEqual({ stdout: 'written\n', stderr: '' })
  })

  it('gets no path for a name, and no variable that its requester could break in with', async () => {
    const { queue } = await stage.setup()
    const metadata = JSON.parse('{"__proto__":"p","é=x\\ny":1,"nul":"a\\u0000b","null":null}') as Record<
      string,
      unknown
    >
    const large = { many: 'x'.repeat(130_000), more: Array.from({ length: 90 }, () => 'y'.repeat(10_000)) }
    const { id } = await queue.submit({
      ...metadata,
      ...large,

      filename: '../../etc/passwd',
      body: 'b',
    })
    await using _ = running(queue, node('process.stdout.write(JSON.stringify(process.env))'))
    const env = JSON.parse((await textsOf(await queue.result(id, waiting)))['stdout'] ?? '') as Record<string, string>
    expect(env).toMatchObject({
      JOB_FILENAME: 'passwd',
      JOB_META___X_Y: '1',
      JOB_META___PROTO__: 'p',
      JOB_META_NULL: 'null',
    })
    expect(env['JOB_INPUT']).toMatch(/\/input\/passwd$/)
    for (const name of ['JOB_META_NUL', 'JOB_META_MANY', 'JOB_META_MORE', 'JOB_METADATA'])
      expect(env).not.toHaveProperty(name)
  })

  it('is not started with a variable that it cannot have, and what that was is not shown', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({}, { attempts: 1 })
    await using ran = running(queue, { ...script('exit 0'), environment: { A: 'hush\0' } })
    const { cause } = await failureOf(queue, id)
    expect(String(cause)).toContain('The variable A has a NUL in it')
    expect(inspect([cause, ran.events], { depth: 9 })).not.toContain('hush')
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('hands back a thousand files, and some far down', { timeout: 60_000 }, async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit({})
    const text = `const fs = require('node:fs'), out = process.env.JOB_OUTPUT_DIR
      for (let n = 0; n < 1000; n += 1) fs.writeFileSync(out + '/' + n + '.txt', 'n'.repeat(n))
      const deep = out + '/d'.repeat(100); fs.mkdirSync(deep, { recursive: true }); fs.writeFileSync(deep + '/end', 'deep')`
    await using _ = running(queue, node(text))
    const { assets } = await queue.result(id, { timeoutSeconds: 50 })
    expect(Object.keys(assets).length).toBe(1003)
    expect(await assets['999.txt']?.text()).toBe('n'.repeat(999))
    expect(await assets[`${'d/'.repeat(100)}end`]?.text()).toBe('deep')
  })
})
