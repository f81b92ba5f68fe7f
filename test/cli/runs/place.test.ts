import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { expect, onTestFinished, test } from 'vitest'
import { withGlobalOptions } from '../../../src/cli/global-options.ts'
import { withRuns, withRunsPlace } from '../../../src/cli/runs/place.ts'
import { Session } from '../../../src/cli/session.ts'
import { processTerminal } from '../../../src/cli/terminal.ts'

async function setup() {
  const local = await mkdtemp(join(tmpdir(), 'remotejob-runs-place-'))
  onTestFinished(() => rm(local, { recursive: true, force: true }))
  const globals = withGlobalOptions(new Command()).parse(['--local', local], { from: 'user' }).opts()
  return new Session(processTerminal(), () => globals)
}

const place = (...words: readonly string[]) => withRunsPlace(new Command()).parse(words, { from: 'user' }).opts()

test('runs go through the queue `runs` unless another is named, and each queue has its own', async () => {
  const session = await setup()
  expect(place()).toEqual({ queue: 'runs' })
  await withRuns(session, place(), (runs) => runs.submit({ name: 'sum', command: ['sum'], runName: 'one' }))
  await withRuns(session, place('--queue', 'other'), (runs) =>
    runs.submit({ name: 'sum', command: ['sum'], runName: 'two' }),
  )
  const found = await withRuns(session, place('--queue', 'runs'), (runs) => runs.get('one'), 'never')
  expect(found?.status).toBe('pending')
  expect(await withRuns(session, place(), (runs) => runs.get('two'), 'never')).toBeUndefined()
})

test('what only looks makes no queue', async () => {
  const session = await setup()
  await expect(withRuns(session, place(), (runs) => runs.get('one'), 'never')).rejects.toThrow(
    'There is no queue "runs" here',
  )
})
