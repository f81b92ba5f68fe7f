import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { foldersOf } from '../programs/setup.ts'
import { textsIn, zipOf } from './setup.ts'

/** `remotejob work jobd --zip` on a local folder, until the end of the test. */
function worker(directory: string) {
  const words = ['dist/cli/main.js', 'work', 'jobd', '--zip', `--local=${directory}`, '--lease', '3', '-q']
  const child = spawn(process.execPath, words, { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test.skipIf(process.platform === 'win32')(
  'zips outlive the workers that are killed in the midst of them, and each ends once',
  { timeout: 120_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'remotejob-killed-'))
    const queue = new Queue('jobd', { backend: localBackend({ directory, fsync: false }) })
    onTestFinished(async () => {
      await queue.close()
      await rm(directory, { recursive: true, force: true })
    })
    const script = '#!/bin/sh\necho $$ $JOB_ATTEMPT\n[ "$JOB_ATTEMPT" -lt 3 ] && exec sleep 60\necho done > out\n'
    const { id } = await queue.submit({ body: await zipOf({ 'run.sh': script }) })
    for (const attempt of [1, 2]) {
      const child = worker(directory)
      const pid = await vi.waitFor(
        async () => {
          const [first] = await Array.fromAsync(queue.logs(id, { attempt }))
          const [own] = Buffer.from(first?.bytes ?? [])
            .toString()
            .split(' ')
          return own ? Number(own) : raise('no log yet')
        },
        { timeout: 40_000, interval: 100 },
      )
      expect((await foldersOf(child.pid ?? 0)).length).toBe(1)
      child.kill('SIGKILL')
      await once(child, 'exit')
      // Nobody ends the script of a worker that had no chance to.
      process.kill(pid, 'SIGKILL')
    }
    worker(directory)
    const result = await queue.result(id, { timeoutSeconds: 40 })
    const texts = await textsIn((await result.assets['output.zip']?.bytes()) ?? raise('no output'))
    expect(result.attempt).toBe(3)
    expect(texts).toMatchObject({ out: 'done\n', 'stdout.txt': expect.stringMatching(/^\d+ 3\n$/) })
  },
)

function raise(message: string): never {
  throw new Error(message)
}
