import { expect, test } from 'vitest'
import { logKey } from '../../../src/protocol/logs.ts'
import { forgetTries } from '../../../src/runs/arrays/forget-tries.ts'
import { instanceJobId, stateKey } from '../../../src/runs/arrays/run-keys.ts'
import { readRun } from '../../../src/runs/arrays/run-record.ts'
import { Runs } from '../../../src/runs.ts'
import { source } from '../../../src/worker.ts'
import { onLocal, useStage } from '../../queue/setup.ts'

const stage = useStage(onLocal)

test('a daemon that crashes for a week leaves notes and logs of its last tries only, and its count is right', async () => {
  const { queue, keys } = await stage.setup()
  const runs = new Runs(queue)
  await runs.submit({ name: 'job', runName: 'run', command: ['false'], mode: 'daemon', arrayIndexes: '0,7' })
  const w = await queue[source].open()
  const run = (await readRun(w, 'run')) ?? expect.fail('no run')
  const instance = { ...run, index: 7 }
  const id = instanceJobId(instance)
  const empty = Buffer.alloc(0)
  let most = 0
  for (let attempt = 1; attempt <= 205; attempt += 1) {
    await w.objects.put(stateKey(run, { index: 7, attempt, state: 'started' }), empty)
    await forgetTries(w, instance, attempt)
    const piece = { delivery: attempt, attempt, nonce: 'a', index: 0, stream: 'stdout' }
    await w.objects.put(logKey(id, piece), Buffer.from('crash'))
    const reason = `ContainerExitedCode${attempt % 256}`
    await w.objects.put(stateKey(run, { index: 7, attempt, state: 'failed', reason }), empty)
    most = Math.max(most, (await keys('runs/run/')).length + (await keys('logs/')).length)
  }
  // Three objects a try, of twice ten tries.
  expect(most).toBeLessThanOrEqual(60)
  expect((await runs.get('run'))?.indexes).toMatchObject([
    { index: 0, status: 'pending', retries: 0, lastFailureReason: undefined },
    { index: 7, status: 'pending', retries: 204, lastFailureReason: 'ContainerExitedCode205' },
  ])
  expect(await keys(`logs/${id}/000205`)).toHaveLength(1)
})
