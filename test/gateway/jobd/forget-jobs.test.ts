import { randomBytes } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { describe, expect, it, vi } from 'vitest'
import { createGateway } from '../../../src/gateway.ts'
import { forgetJobs } from '../../../src/gateway/jobd/forget-jobs.ts'
import type { Queue } from '../../../src/index.ts'
import { objectsBelow } from '../../../src/lifecycle/objects-below.ts'
import { source } from '../../../src/worker.ts'
import { nextOf } from '../../queue/setup.ts'
import { grounds, useGateway } from '../setup.ts'
import { scripted, setup } from './setup.ts'

const day = 86_400
/** Too large to be inside of a record. */
const noise = randomBytes(100_000)

describe.each(grounds)('what jobd’s jobs handed back, on $ground', { timeout: 60_000 }, ({ start }) => {
  const stage = useGateway(start)

  it('is removed by a gateway that is a scheduler, once nobody can ask for it', async () => {
    const { upload, get, zips, backend } = await setup(stage)
    const input = await scripted('true')
    for (const id of ['a', 'b']) await upload({ id, input })
    await finish(zips, 2)
    expect(await keysOf(zips)).toEqual(['assets', 'assets', 'jobd', 'jobd', 'logs', 'logs'])
    {
      await using _gateway = createGateway({ backend, scheduler: true, jobd: { queue: zips.name, keepSeconds: 0 } })
      await expect.poll(() => keysOf(zips), { timeout: 40_000 }).toEqual([])
    }
    expect(await get('a')).toMatchObject({ status: 404, body: { message: 'job not found' } })
    await expect(zips.result('a')).rejects.toMatchObject({ code: 'RESULT_EXPIRED' })
    // Its id is taken for as long as a message of it may come, and what it was given may be tried again.
    expect(await upload({ id: 'a', input })).toMatchObject({ status: 400 })
    expect(await zips.status('a')).toBe('completed')
    const again = await zips.retry('a')
    const job = await nextOf(zips)
    expect([job.id, (await job.bytes()).toString('base64')]).toEqual([again.id, input])
  })

  it('stays for as long as it can be asked for, and of jobs that came in other ways or go on', async () => {
    const { upload, zips } = await setup(stage)
    await zips.submit({ body: Buffer.from(await scripted('true'), 'base64') }, { id: 'other' })
    await upload({ id: 'young', input: await scripted('true') })
    await finish(zips, 2)
    for (const id of ['late', 'waits']) await upload({ id, input: await scripted('true') })
    const before = await keysOf(zips)
    await forget(zips, 2 * day)
    expect(await keysOf(zips)).toEqual(before)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * day * 1000 })
    try {
      await finish(zips, 1)
      await forget(zips, 2 * day)
    } finally {
      vi.useRealTimers()
    }
    expect(await keysOf(zips)).toEqual(['assets', 'assets', 'jobd', 'jobd', 'logs', 'logs'])
    expect(await (await zips.result('other')).assets['output.zip']?.bytes()).toEqual(noise)
    await expect(zips.result('young')).rejects.toMatchObject({ code: 'RESULT_EXPIRED' })
    const [status, other] = await Promise.all([zips.status('late'), zips.status('waits')])
    expect([status, other].toSorted()).toEqual(['completed', 'pending'])
  })

  it('leaves no note behind of a job that its queue’s retention took', async () => {
    const { upload, zips } = await setup(stage)
    await upload({ id: 'gone', input: await scripted('true') })
    const { objects } = await zips[source].open()
    await objects.delete('inputs/gone')
    await forget(zips, -1)
    expect(await keysOf(zips)).toEqual([])
  })
})

/** Works as a zip's worker does, on so many jobs. */
async function finish(zips: Queue, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    const job = await nextOf(zips)
    await finished(job.createLog('stdout').end('said'))
    await job.complete({ assets: { 'output.zip': noise } })
  }
}

async function forget(zips: Queue, keepSeconds: number): Promise<void> {
  await forgetJobs(await zips[source].open(), keepSeconds)
}

/** The folders of all that can be forgotten. */
async function keysOf(zips: Queue): Promise<readonly string[]> {
  const w = await zips[source].open()
  const found: string[] = []
  for (const folder of ['assets', 'jobd', 'logs'])
    for await (const _ of objectsBelow(w, `${folder}/`, {})) found.push(folder)
  return found
}
