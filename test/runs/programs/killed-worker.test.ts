import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { foldersOf, running, script, textsOf } from './setup.ts'

test.skipIf(process.platform === 'win32')(
  'a worker that was killed loses no job, and the next one removes the folder that it left',
  { timeout: 60_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'remotejob-killed-'))
    const queue = new Queue('killed', { backend: localBackend({ directory, fsync: false }) })
    onTestFinished(async () => {
      await queue.close()
      await rm(directory, { recursive: true, force: true })
    })
    const { id } = await queue.submit({})
    const program = 'echo $$; exec sleep 60'
    const words = ['work', 'killed', `--local=${directory}`, '--lease', '3', '--', 'sh', '-c', program]
    const child = spawn(process.execPath, ['dist/cli/main.js', ...words], { stdio: 'ignore' })
    const pid = child.pid ?? 0
    const log = await vi.waitFor(async () => {
      const [first] = await Array.fromAsync(queue.logs(id))
      return Buffer.from(first?.bytes ?? raise('no log yet')).toString()
    }, 30_000)
    expect((await foldersOf(pid)).length).toBe(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    // Nobody ends the program of a worker that had no chance to.
    process.kill(Number(log), 'SIGKILL')
    await using _ = running(queue, script('echo attempt $JOB_ATTEMPT'))
    const result = await queue.result(id, { timeoutSeconds: 30 })
    expect([result.attempt, await textsOf(result)]).toEqual([2, { stdout: 'attempt 2\n', stderr: '' }])
    expect(await foldersOf(pid)).toEqual([])
  },
)

function raise(message: string): never {
  throw new Error(message)
}
