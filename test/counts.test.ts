import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** A report of one test file, with tests of these verdicts. */
const report = (...statuses: readonly string[]) => ({
  success: !statuses.includes('failed'),
  testResults: [
    {
      name: 'a.test.ts',
      status: statuses.includes('failed') ? 'failed' : 'passed',
      assertionResults: statuses.map((status) => ({
        fullName: 'the same name',
        status,
        failureMessages: status === 'failed' ? ['Error: why it failed'] : [],
      })),
    },
  ],
})

/** The last line that `.ci/run` prints for these reports, and whether it goes on to succeed. */
function count(...reports: readonly (object | undefined)[]): string {
  const { status, stdout } = told(...reports)
  return `${stdout.trimEnd().split('\n').at(-1)}: ${status === 0 ? 'success' : 'failure'}`
}

function told(...reports: readonly (object | undefined)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'remotejob-counts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const paths = reports.map((_, index) => join(folder, `${index}.json`))
  for (const [index, path] of paths.entries()) if (reports[index]) writeFileSync(path, JSON.stringify(reports[index]))
  return spawnSync(process.execPath, ['.ci/counts.ts', ...paths], { encoding: 'utf8' })
}

test('the tests of a run are counted one by one', () => {
  expect(count(report('passed', 'passed'))).toBe('2 passed, 0 failed: success')
  expect(count(report('passed', 'pending', 'todo'))).toBe('1 passed, 0 failed, 2 skipped: success')
  expect(count(report('passed', 'failed'))).toBe('1 passed, 1 failed: failure')
})

test('a test that fails on one version of Node has failed, and is counted once', () => {
  expect(count(report('passed', 'passed'), report('passed', 'failed'))).toBe('1 passed, 1 failed: failure')
  expect(count(report('passed', 'pending'), report('passed', 'passed'))).toBe('2 passed, 0 failed: success')
})

test('a run without tests is a failure', () => {
  expect(count({ success: true, testResults: [] })).toBe('0 passed, 1 failed: failure')
  expect(count(report('passed'), undefined)).toBe('1 passed, 1 failed: failure')
  expect(count(report('pending'))).toBe('0 passed, 0 failed, 1 skipped: failure')
  expect(count()).toBe('0 passed, 0 failed: failure')
})

test('a file that could not be loaded, and an error outside of every test, are failures', () => {
  const unloadable = { name: 'b.test.ts', status: 'failed', assertionResults: [] }
  expect(count({ success: false, testResults: [...report('passed').testResults, unloadable] })).toBe(
    '1 passed, 1 failed: failure',
  )
  expect(count({ ...report('passed'), success: false })).toBe('1 passed, 1 failed: failure')
})

test('what failed is named with its reason, and so is what passed on a later try only', () => {
  expect(told(report('passed', 'failed')).stdout).toMatch(/failed: a\.test\.ts: the same name\nError: why it failed\n/)
  const { testResults } = report('failed')
  const [file] = testResults
  const [one] = file?.assertionResults ?? []
  const again = {
    success: true,
    testResults: [{ ...file, status: 'passed', assertionResults: [{ ...one, status: 'passed' }] }],
  }
  expect(told(again)).toMatchObject({ status: 0, stdout: expect.stringMatching(/passed on a later try: a\.test\.ts/) })
})
