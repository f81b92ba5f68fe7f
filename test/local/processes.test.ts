import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { MessageQueue, ObjectStore } from '../../src/backend.ts'
import { type Child, freshDirectory, nextLine, openPlace, startChild } from './setup.ts'

test('a message wakes a receiver in another process within 50 milliseconds, there and back', async () => {
  const directory = await freshDirectory()
  const here = await openPlace(directory)
  const child = startChild('answer', [directory])
  expect(await nextLine(child)).toBe('ready')
  const times: number[] = []
  for (let round = 0; round < 21; round += 1) {
    const began = performance.now()
    const answer = here.queue('test-completed').receive({ max: 1, waitSeconds: 20, leaseSeconds: 30 })
    await here.pending.send({ body: `${round}` })
    expect(await answer).toHaveLength(1)
    times.push(performance.now() - began)
  }
  await here.pending.send({ body: 'end' })
  expect(await child.exit()).toBe(0)
  expect(child.errors()).toBe('')
  // Two wakes and two commits; the median, since other tests share the machine.
  expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(100)
})

test('two processes that race for a key have one winner, two hundred times', async () => {
  const directory = await freshDirectory()
  const here = await openPlace(directory)
  const racers = ['one', 'two'].map((name) => ({ name, child: startChild('race', [directory, name]) }))
  for (const { child } of racers) expect(await nextLine(child)).toBe('ready')
  for (let round = 0; round < 200; round += 1) {
    for (const { child } of racers) child.process.stdin?.write(`${round}\n`)
    const outcomes = await Promise.all(racers.map(({ child }) => nextLine(child)))
    const winners = racers.filter((_, index) => outcomes[index] === 'won').map(({ name }) => name)
    expect(winners).toEqual([await readText(here.objects, `round/${round}`)])
  }
  for (const { child } of racers) child.process.stdin?.end()
  expect(await Promise.all(racers.map(({ child }) => child.exit()))).toEqual([0, 0])
})

test('what was acknowledged survives kill -9, and nothing half-written is ever seen', async () => {
  const directory = await freshDirectory()
  const acknowledged = new Map<string, string>()
  const sent = new Set<string>()
  for (let round = 0; round < 6; round += 1) {
    const children = [0, 1].map((index) => startChild('write', [directory, `${round}-${index}`]))
    const killAll = (): void => {
      for (const child of children) child.process.kill('SIGKILL')
    }
    // One is killed after some of its own writes, the other at the same time, wherever it is.
    let lines = 20 + Math.floor(Math.random() * 60)
    const count = (): void => void ((lines -= 1) === 0 && killAll())
    await Promise.all(children.map((child) => readAcknowledged(child, acknowledged, sent, count)))
  }
  const here = await openPlace(directory)
  expect(acknowledged.size).toBeGreaterThan(50)
  const seen = new Map((await listed(here.objects)).map(({ key, hash }) => [key, hash]))
  for (const [key, hash] of acknowledged) expect(seen.get(key)).toBe(hash)
  for (const [key, hash] of seen) expect(hash).toBe(hashOf(key))
  const received = await bodiesIn(here.pending)
  expect([...sent].filter((body) => !received.has(body))).toEqual([])
})

test('a process that waits for a message stays alive, and ends when it has closed', async () => {
  const directory = await freshDirectory()
  const here = await openPlace(directory)
  const child = startChild('answer', [directory])
  await nextLine(child)
  // Nothing but the wait holds the child.
  await sleep(300)
  expect(child.process.exitCode).toBeNull()
  await here.pending.send({ body: 'end' })
  expect(await child.exit()).toBe(0)
})

test('nothing but the database and the files of objects is left when all is closed', async () => {
  const directory = await freshDirectory()
  const here = await openPlace(directory)
  await here.objects.put('large', Buffer.alloc(200_000))
  await here.objects.put('large', Buffer.alloc(200_001))
  await here.close()
  expect((await readdir(directory)).toSorted()).toEqual(['files', 'remotejob.sqlite3', 'tmp'])
  expect(await readdir(join(directory, 'tmp'))).toEqual([])
  expect(await readdir(join(directory, 'files'))).toHaveLength(1)
})

async function readAcknowledged(
  child: Child,
  objects: Map<string, string>,
  messages: Set<string>,
  count: () => void,
): Promise<void> {
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) {
    count()
    const [kind, key = '', hash = ''] = line.value.split(' ')
    if (kind === 'object' && hash.length === 64) objects.set(key, hash)
    // A line that was cut off names another key, or none.
    if (kind === 'message' && objects.has(key)) messages.add(key)
  }
  expect(child.errors()).toBe('')
}

async function bodiesIn(queue: MessageQueue): Promise<Set<string>> {
  const bodies = new Set<string>()
  for (;;) {
    const deliveries = await queue.receive({ max: 10, waitSeconds: 0, leaseSeconds: 300 })
    if (deliveries.length === 0) return bodies
    for (const { body } of deliveries) bodies.add(body)
  }
}

async function listed(objects: ObjectStore): Promise<{ key: string; hash: string }[]> {
  const found: { key: string; hash: string }[] = []
  for (let more = true, after: string | undefined; more;) {
    const page = await objects.list('', { after })
    for (const { key } of page.objects) {
      const reading = await objects.get(key)
      if (reading) found.push({ key, hash: sha256(await buffer(reading.body)) })
    }
    after = page.objects.at(-1)?.key
    more = page.more
  }
  return found
}

/** As `children/write.ts` makes them. */
function hashOf(key: string): string {
  return sha256(Buffer.alloc(key.split('/')[1] === '0' ? 300_000 : 500, key))
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function readText(objects: ObjectStore, key: string): Promise<string> {
  const reading = await objects.get(key)
  return reading ? await text(reading.body) : ''
}
