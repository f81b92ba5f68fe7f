import { expect, test } from 'vitest'
import { freshDirectory, startChild } from './setup.ts'

test('nothing is written to the terminal, and importing loads no SQLite', async () => {
  const child = startChild('silent', [await freshDirectory()])
  const lines: unknown[] = []
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) lines.push(line.value)
  expect(await child.exit()).toBe(0)
  expect(lines).toEqual(['imported without sqlite', 'used with sqlite'])
  expect(child.errors()).toBe('Warning: still heard\n')
})
