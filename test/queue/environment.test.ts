import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Queue } from '../../src/index.ts'
import { localBackend } from '../../src/local.ts'
import { nextOf } from './setup.ts'

describe('REMOTEJOB_LOCAL', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'remotejob-environment-'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true })
  })

  test('gives its directory to every Queue that names no backend, in any process, with nothing on its terminal', async () => {
    const program = fileURLToPath(new URL('programs/requester.ts', import.meta.url))
    const env = { PATH: process.env['PATH'], HOME: directory, REMOTEJOB_LOCAL: directory }
    const requester = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [said, complaints, ended] = [text(requester.stdout), text(requester.stderr), once(requester, 'exit')]
    vi.stubEnv('REMOTEJOB_LOCAL', directory)
    await using queue = new Queue<{ n: number }>('shared')
    const job = await nextOf(queue)
    await job.complete({ value: job.metadata.n + 1, assets: { output: (await job.text()).toUpperCase() } })
    expect(await complaints).toBe('')
    expect(JSON.parse(await said)).toEqual({ value: 21, output: 'THE INPUT' })
    expect(await ended).toEqual([0, null])
  })

  test('gives way to a backend that is handed in', async () => {
    vi.stubEnv('REMOTEJOB_LOCAL', join(directory, 'never'))
    await using queue = new Queue('shared', { backend: localBackend({ directory: join(directory, 'mine') }) })
    await using other = new Queue('shared', { backend: localBackend({ directory: join(directory, 'mine') }) })
    const { id } = await queue.submit({ n: 1 })
    expect((await nextOf(other)).id).toBe(id)
  })
})
