import { expect, test } from 'vitest'
import { OneAtATime } from '../../../src/gateway/slimfaas/one-at-a-time.ts'

test('who asks while an answer is worked out shares the next one, and each question has its own', async () => {
  const asked: string[] = []
  const ends: (() => void)[] = []
  const answers = new OneAtATime<number>()
  const ask = (question: string): Promise<number> =>
    answers.ask(question, async () => {
      const number = asked.push(question)
      await new Promise<void>((resolve) => ends.push(resolve))
      return number
    })
  const first = ask('a')
  const others = [ask('a'), ask('a'), ask('a')]
  const another = ask('b')
  expect(asked).toEqual(['a', 'b'])
  for (const end of ends.splice(0)) end()
  expect([await first, await another]).toEqual([1, 2])
  await expect.poll(() => asked).toEqual(['a', 'b', 'a'])
  const late = ask('a')
  for (const end of ends.splice(0)) end()
  expect(await Promise.all(others)).toEqual([3, 3, 3])
  await expect.poll(() => ends.length).toBe(1)
  for (const end of ends.splice(0)) end()
  expect(await late).toBe(4)
  expect(asked).toEqual(['a', 'b', 'a', 'a'])
})

test('a failure is told to those who asked, and the next who asks tries again', async () => {
  const answers = new OneAtATime<string>()
  const failing = answers.ask('a', () => Promise.reject(new Error('no')))
  const next = answers.ask('a', () => Promise.resolve('yes'))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('yes')
})
