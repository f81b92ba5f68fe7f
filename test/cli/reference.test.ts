import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { cliReference } from '../../.ci/cli-reference.ts'

test('the page on the command line is what its help texts make of it', async () => {
  const page = await readFile('docs/reference/cli.md', 'utf8')
  expect(page, 'write it with: npm run docs:cli').toBe(cliReference())
  expect(page).toContain('## remotejob submit')
})
