import { expect, onTestFinished, test } from 'vitest'
import { Database } from '../../src/local/database.ts'
import { ForeignCommits } from '../../src/local/foreign-commits.ts'
import { freshDirectory, openDatabase, openPlace } from './setup.ts'

test.each([
  ['where the system tells of writes', 'remotejob.sqlite3-wal'],
  ['where it does not', 'missing'],
])('a commit of another connection is heard of, and only once: %s', async (_, log) => {
  const { commit, heard } = await setup(log)
  for (let round = 1; round <= 5; round += 1) {
    commit()
    await expect.poll(heard, { interval: 1 }).toBe(round)
  }
})

test('what was committed before, and after it was stopped, is not heard of', async () => {
  const { commit, heard, commits } = await setup('remotejob.sqlite3-wal')
  commits.stop()
  commit()
  commits.start()
  commit()
  await expect.poll(heard, { interval: 1 }).toBe(1)
})

async function setup(log: string): Promise<{ commits: ForeignCommits; commit: () => void; heard: () => number }> {
  const directory = await freshDirectory()
  await openPlace(directory)
  const database = new Database(`${directory}/remotejob.sqlite3`)
  const other = openDatabase(directory)
  let count = 0
  const commits = new ForeignCommits(
    () => database.foreignVersion(),
    `${directory}/${log}`,
    () => (count += 1),
  )
  commits.start()
  onTestFinished(() => {
    commits.stop()
    database.close()
  })
  const commit = (): void => other.exec('INSERT INTO buckets (name) VALUES (hex(randomblob(8)))')
  return { commits, commit, heard: () => count }
}
