import { expect, test, vi } from 'vitest'
import { loadSqlite } from '../../src/local/sqlite.ts'
import { freshDirectory, startChild } from './setup.ts'

test('nothing is written to the terminal, and importing loads no SQLite', async () => {
  const child = startChild('silent', [await freshDirectory()])
  const lines: unknown[] = []
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) lines.push(line.value)
  expect(await child.exit()).toBe(0)
  expect(lines).toEqual(['imported without sqlite', 'used with sqlite'])
  expect(child.errors()).toBe('Warning: still heard\n')
})

test('of the warnings while SQLite is loaded, only that it is experimental is kept back', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const spied = process.emitWarning
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
    process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
    process.emitWarning('Something else', 'ExperimentalWarning')
  })
  loadSqlite()
  expect(emitWarning.mock.calls).toEqual([['Something else', 'ExperimentalWarning']])
  expect(process.emitWarning).toBe(spied)
  vi.restoreAllMocks()
})
