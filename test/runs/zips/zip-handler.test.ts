import { vi, describe, expect, it } from 'vitest'
import { JobFailedError, type Queue, type WorkerEvent, type WorkerOptions } from '../../../src/index.ts'
import type { JobResult } from '../../../src/lifecycle/job-result.ts'
import { type ZipOptions, zipHandler } from '../../../src/runs.ts'
import { grounds, useStage } from '../../queue/setup.ts'
import { foldersOf } from '../programs/setup.ts'
import { type File, patched, textsIn, zipOf } from './setup.ts'

const waiting = { timeoutSeconds: 30 }

/** A worker of zips, until the end of the test. */
function working(queue: Queue, options: ZipOptions = {}, more: WorkerOptions = {}) {
  const events: WorkerEvent[] = []
  const told = { backoff: () => 0, graceSeconds: 15, onEvent: (event: WorkerEvent) => void events.push(event) }
  const worker = queue.work(zipHandler(options), { ...told, ...more })
  return {
    worker,
    names: () => events.map(({ name }) => name),
    [Symbol.asyncDispose]: () => worker.close({ timeoutSeconds: 0 }),
  }
}

/** A zip with a script of the shell, and other files. */
async function scripted(text: string, files: Readonly<Record<string, File>> = {}): Promise<{ readonly body: Buffer }> {
  return { body: await zipOf({ 'run.sh': `#!/bin/sh\n${text}\n`, ...files }) }
}

/** How a job ended, whatever that is. */
async function endOf(queue: Queue, id: string): Promise<JobResult> {
  return queue.result(id, waiting).catch((error: unknown) => {
    if (error instanceof JobFailedError) return error.result
    throw error
  })
}

/** The texts of the files of its output zip. */
async function outputOf({ assets }: JobResult): Promise<Record<string, string>> {
  expect(Object.keys(assets)).toEqual(['output.zip'])
  return textsIn((await assets['output.zip']?.bytes()) ?? Buffer.alloc(0))
}

describe.skipIf(process.platform === 'win32').each(grounds)('a zip for each job, on $ground', ({ start }) => {
  const stage = useStage(start)

  it('has its run.sh run in its folder, and all that is there afterwards is handed back', async () => {
    const { queue } = await stage.setup()
    const zip = await scripted('pwd; echo oh >&2; mkdir out none; tr a-z A-Z < data/in.txt > out/$JOB_ID.txt', {
      'data/in.txt': 'input',
    })
    const { id } = await queue.submit(zip)
    await using _ = working(queue)
    const { 'run.sh': script, ...texts } = await outputOf(await queue.result(id, waiting))
    expect(script).toMatch(/^#!/)
    expect(texts).toEqual({
      'data/in.txt': 'input',
      [`out/${id}.txt`]: 'INPUT',
      'stdout.txt': expect.stringMatching(/^\/.*output\n$/),
      'stderr.txt': 'oh\n',
    })
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('is failed at once by another exit code than 0, with all that is there', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit(await scripted('echo half > done; echo no luck >&2; exit 3'))
    await using work = working(queue)
    const result = await endOf(queue, id)
    expect(result).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: { code: 'ContainerExitedCode3', message: 'run.sh ended with exit code 3: no luck' },
    })
    expect(await outputOf(result)).toMatchObject({ done: 'half\n', 'stderr.txt': 'no luck\n' })
    expect(work.names()).not.toContain('retrying')
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('that cannot be worked on fails with the reason, and the worker goes on', async () => {
    const { queue } = await stage.setup()
    const bodies: readonly (readonly [Uint8Array | string, RegExp])[] = [
      ['this is no zip', /^could not unzip file, error: /],
      ['', /^could not unzip file, error: /],
      [await zipOf({ 'inner/run.sh': 'exit 0' }), /^run\.sh does not exist in the input file$/],
      [await zipOf({ 'run.sh/': '' }), /^run\.sh does not exist in the input file$/],
      [await zipOf({}), /^run\.sh does not exist in the input file$/],
      [
        patched(await zipOf({ 'run.sh': 'true', 'xx/up': '' }), 'xx/up', '../up'),
        /^could not unzip file, error: .*\.\.\/up/,
      ],
      [await zipOf({ 'run.sh': '#!/no/such/shell\n' }), /^\.?\/?run\.sh could not be started: /],
    ]
    await using work = working(queue)
    const handles = await queue.submitMany([...bodies.map(([body]) => ({ body })), {}])
    for (const [index, handle] of handles.entries()) {
      const result = await endOf(queue, handle.id)
      expect(result).toMatchObject({ status: 'failed', attempt: 1 })
      expect(result.error?.message).toMatch(bodies[index]?.[1] ?? /could not unzip file/)
    }
    const { id } = await queue.submit(await scripted('echo fine'))
    expect(await outputOf(await queue.result(id, waiting))).toMatchObject({ 'stdout.txt': 'fine\n' })
    expect(work.names()).not.toContain('retrying')
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it.each([
    ['the worker says', { timeoutSeconds: 1 }, {}],
    ['the requester says', {}, { timeoutSeconds: 1 }],
  ])('that takes longer than %s is ended with all that it started, and not tried again', async (_, options, asked) => {
    const { queue } = await stage.setup()
    const text = 'sleep 600 & echo $! > pid; echo began; trap "" TERM; while :; do sleep 0.05; done'
    const { id } = await queue.submit(await scripted(text), asked)
    await using work = working(queue, { ...options, graceSeconds: 1 })
    const result = await endOf(queue, id)
    expect(result).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'TIMED_OUT' } })
    const { pid, ...texts } = await outputOf(result)
    expect(texts).toMatchObject({ 'stdout.txt': 'began\n' })
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
    expect(work.names()).not.toContain('retrying')
  })

  it('whose script was ended from outside, as by a machine that goes down, is tried again', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit(await scripted('[ $JOB_ATTEMPT = 1 ] && kill -TERM $$; echo $JOB_ATTEMPT'))
    await using _ = working(queue)
    const result = await queue.result(id, waiting)
    expect([result.attempt, (await outputOf(result))['stdout.txt']]).toEqual([2, '2\n'])
  })

  it('of a worker that closes is given back at no cost', async () => {
    const { queue } = await stage.setup()
    await queue.submit(await scripted('trap "exit 0" TERM; while :; do sleep 0.05; done'))
    const work = working(queue)
    await vi.waitFor(() => expect(work.names()).toContain('started'), 10_000)
    await work.worker.close({ timeoutSeconds: 1 })
    expect(work.names()).toContain('released')
    expect((await queue.next('pending', { waitSeconds: 10 }))?.attempt).toBe(1)
    await vi.waitFor(async () => expect(await foldersOf(process.pid)).toEqual([]))
  })

  it('hands back no links, pipes and files that cannot be read, and says so', async () => {
    const { queue } = await stage.setup()
    const text = String.raw`ln -s /etc/passwd link; ln -s /etc folder; mkfifo pipe; touch 'a\b' "$(printf 'c\377')"; echo own > stdout.txt`
    const { id } = await queue.submit(await scripted(text))
    await using _ = working(queue)
    const { 'run.sh': _script, 'stderr.txt': notes, ...texts } = await outputOf(await queue.result(id, waiting))
    // What it calls so itself goes before.
    expect(texts).toEqual({ 'stdout.txt': 'own\n' })
    expect(notes?.split('\n').toSorted()).toEqual([
      '',
      'remotejob: the output "a\\\\b" has a name that is not sure to be unpacked; it is not kept',
      'remotejob: the output "c\ufffd" has a name that no asset can have; it is not kept',
      'remotejob: the output "folder" is a symbolic link; it is not kept',
      'remotejob: the output "link" is a symbolic link; it is not kept',
      'remotejob: the output "pipe" is no regular file; it is not kept',
    ])
  })

  it('is told by its logs what was printed, while there is no asset of it', async () => {
    const { queue } = await stage.setup()
    const { id } = await queue.submit(await scripted('echo a; echo b >&2'))
    await using _ = working(queue)
    await queue.result(id, waiting)
    const chunks = await Array.fromAsync(queue.logs(id))
    const texts = chunks.map(({ stream, bytes }) => `${stream}: ${Buffer.from(bytes).toString()}`)
    expect(texts.toSorted()).toEqual(['stderr: b\n', 'stdout: a\n'])
  })
})

it.each([{ maxEntries: 0 }, { maxRatio: 0.5 }, { maxUnpackedBytes: -1 }, { timeoutSeconds: 0 }])(
  'zipHandler refuses %o at once',
  (options) => {
    expect(() => zipHandler(options)).toThrow(Object.keys(options)[0])
  },
)
