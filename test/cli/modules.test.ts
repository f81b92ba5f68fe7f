import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { type Cli, setup } from './command.ts'

/** What a command loads: packages, Node's own modules and files of ours, by name. */
async function loadedBy(cli: Cli, words: readonly string[]): Promise<readonly string[]> {
  const file = join(cli.folder, 'modules.json')
  const hook = pathToFileURL(resolve('test/cli/children/note-modules.ts')).href
  const { code } = await cli.run(words, { env: { NODE_OPTIONS: `--import=${hook}`, MODULES_FILE: file } })
  expect(code).toBe(0)
  const urls: unknown = JSON.parse(await readFile(file, 'utf8'))
  return Array.isArray(urls) ? urls.map((url) => nameOf(String(url))) : []
}

function nameOf(url: string): string {
  return /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url.slice(Math.max(0, url.lastIndexOf('/dist/')))
}

test.each([
  [['--help']],
  [['--version']],
  [['help', 'dead', 'list']],
  [['submit', '--help']],
  [['completion', 'bash']],
  [['complete', '--', 'submit', 'letters', '--']],
])('%j loads the parser and little else: neither the SDK nor SQLite', async (words) => {
  const loaded = await loadedBy(await setup(), words)
  // Where the package's own description lies is looked up, to read the version; that loads no module.
  const files = loaded.filter((name) => !name.startsWith('node:') && !name.endsWith('/package.json'))
  const packages = new Set(files.filter((name) => !name.startsWith('/dist/')))
  expect([...packages].toSorted()).toEqual(['@commander-js/extra-typings', 'commander', 'leven'])
  expect(loaded.filter((name) => /^node:(sqlite|http|https|tls|net|crypto)$/.test(name))).toEqual([])
  // Each costs the start a fraction of a millisecond.
  expect(files.length).toBeLessThanOrEqual(40)
})

test('a command in a local folder loads SQLite and not the SDK', async () => {
  const cli = await setup()
  const loaded = await loadedBy(cli, ['submit', 'letters', '-q'])
  expect(loaded).toContain('node:sqlite')
  expect(loaded.filter((name) => /^@(aws-sdk|smithy|clack)/.test(name))).toEqual([])
})
