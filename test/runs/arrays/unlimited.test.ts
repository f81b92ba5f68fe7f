import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ended, setup } from './setup.ts'

const job = { name: 'job', command: [process.execPath, '--version'], cpu: 2, memory: 8e9 }

test('whoever runs a worker is warned once that a process is held to no processors and memory', async () => {
  const { runs } = await setup()
  const warnings: string[] = []
  await using _worker = runs.work({ onWarning: (message) => void warnings.push(message) })
  await runs.submit({ name: 'job', runName: 'usual', command: job.command })
  await ended(runs, 'usual')
  expect(warnings).toEqual([])
  await runs.submit({ ...job, runName: 'run', arrayIndexes: '0-1' })
  await ended(runs)
  expect(warnings).toEqual([expect.stringContaining('The processors and memory of the job "job" are no limits')])
})

test('without a listener it is a warning of the process', async () => {
  const { runs } = await setup()
  const warned = once(process, 'warning')
  await using _worker = runs.work()
  await runs.submit({ ...job, runName: 'run' })
  expect((await warned)[0]).toMatchObject({ message: expect.stringContaining('are no limits') })
})
