import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type RunsAsked, type RunsPage, readRuns } from '../../../src/gateway/page/read-runs.ts'
import { Queue } from '../../../src/index.ts'
import { localBackend } from '../../../src/local.ts'
import { Runs, type RunState } from '../../../src/runs.ts'

/** Runs that count whose indexes are read. */
class CountingRuns extends Runs {
  readonly read: string[] = []

  override async get(name: string, options?: Parameters<Runs['get']>[1]): Promise<RunState | undefined> {
    this.read.push(name)
    return super.get(name, options)
  }
}

/** Runs with these names, submitted in this order. */
async function setup(...names: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'remotejob-runs-'))
  const queue = new Queue('runs', { backend: localBackend({ directory, fsync: false }) })
  onTestFinished(async () => {
    await queue.close()
    await rm(directory, { recursive: true, force: true })
  })
  const runs = new CountingRuns(queue)
  for (const runName of names) {
    const at = Date.now()
    while (Date.now() === at) await new Promise(setImmediate)
    await runs.submit({ name: 'frames', command: ['false'], runName })
  }
  const look = (asked: Partial<RunsAsked> = {}) =>
    readRuns(runs, { before: undefined, after: undefined, ...asked }, { pageSize: 2, lookedAt: 5 })
  return { runs, look }
}

const namesOf = ({ shown }: RunsPage): readonly string[] => shown.map(({ name }) => name)

test('a page of runs is the newest first, and goes on where the one before ended, also when that run is gone', async () => {
  const { runs, look } = await setup('b', 'd', 'a', 'c', 'e')
  const first = await look()
  expect([first.order, namesOf(first), runs.read]).toEqual(['age', ['e', 'c'], ['e', 'c']])
  await runs.delete('c')
  const second = await look(first.next)
  expect(namesOf(second)).toEqual(['a', 'd'])
  const third = await look(second.next)
  expect([namesOf(third), third.next]).toEqual([['b'], undefined])
})

test('runs that are more than are worth looking at are listed by name, in steps', async () => {
  const { runs, look } = await setup('b', 'd', 'f', 'c', 'e', 'a')
  const first = await look()
  expect([first.order, namesOf(first), first.next]).toEqual(['name', ['a', 'b'], { after: 'b' }])
  expect(runs.read).toEqual(['a', 'b'])
  const second = await look(first.next)
  expect([second.order, namesOf(second)]).toEqual(['name', ['c', 'd']])
  const third = await look(second.next)
  expect([namesOf(third), third.next]).toEqual([['e', 'f'], undefined])
})

test('nothing is listed where there are no runs, and for a page of somebody’s own making', async () => {
  const { look } = await setup()
  expect(await look()).toEqual({ shown: [], order: 'age', next: undefined })
  expect(await look({ before: 'x' })).toEqual({ shown: [], order: 'age', next: undefined })
  await expect(look({ after: '../x' })).rejects.toThrow('after')
})
