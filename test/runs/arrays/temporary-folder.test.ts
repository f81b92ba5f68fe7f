import { expect, onTestFinished, test, vi } from 'vitest'
import { ended, setup, shell } from './setup.ts'

test.skipIf(process.platform === 'win32')('a worker without room for files costs an index no try', async () => {
  const { runs } = await setup()
  vi.stubEnv('TMPDIR', '/nowhere/at/all')
  onTestFinished(() => void vi.unstubAllEnvs())
  await runs.submit(shell('exit 0', { retryLimit: 0 }))
  const errors: unknown[] = []
  await using _worker = runs.work({ onEvent: ({ error }) => void (error && errors.push(error)) })
  const told = '"/nowhere/at/all", cannot be used (ENOENT)'
  await expect.poll(() => String(errors[0]), { timeout: 20_000 }).toContain(told)
  vi.unstubAllEnvs()
  expect(await ended(runs)).toMatchObject({ status: 'completed', indexes: [{ retries: 0 }] })
})
