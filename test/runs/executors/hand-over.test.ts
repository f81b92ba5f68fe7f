import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { handOver } from '../../../src/runs/executors/hand-over.ts'

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-hand-over-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const hand = (environment: Record<string, string>) =>
    handOver({ environment, folder, command: '', args: [], directory: undefined })
  return { folder, hand }
}

test('a variable is in the engine’s environment as it is, and only its name among the arguments', async () => {
  const { folder, hand } = await setup()
  const environment = {
    PASSWORD: 'a\nb="c" \r\u{1F389}',
    JOB_METADATA: '{"a": 1}',
    GOOGLE_KEY: '{"k": "v"}',
    BUILD_ID: '#1',
  }
  const handed = await hand(environment)
  expect(handed.words).toEqual(Object.keys(environment).flatMap((name) => ['--env', name]))
  expect(handed.environment).toEqual(environment)
  expect(await readdir(folder)).toEqual([])
  await handed[Symbol.asyncDispose]()
})

test.each([
  'PATH',
  'HOME',
  'TMPDIR',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'ld_audit',
  'GODEBUG',
  'HTTPS_PROXY',
  'no_proxy',
  'CONTAINER_HOST',
  'CONTAINERS_CONF',
  '_CONTAINERS_USERNS_CONFIGURED',
  'DOCKER_HOST',
  'STORAGE_DRIVER',
  'XDG_RUNTIME_DIR',
  'BASH_ENV',
  'SSL_CERT_FILE',
])('%s means something to the engine, and is handed over in a file that nobody else can read', async (name) => {
  const { folder, hand } = await setup()
  const handed = await hand({ [name]: '/a b:/c,d=e', OTHER: 'f' })
  const file = join(folder, '.environment')
  expect(handed.words).toEqual(['--env-file', file, '--env', 'OTHER'])
  expect(handed.environment).toEqual({ OTHER: 'f' })
  expect(await readFile(file, 'utf8')).toBe(`${name}=/a b:/c,d=e\n`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await handed[Symbol.asyncDispose]()
  expect(await readdir(folder)).toEqual([])
})

test('whatever variables are called, the file’s lines are theirs, or they are refused without their values', async () => {
  const { hand } = await setup()
  const name = fc.oneof(
    fc.constantFrom('PATH', 'LD_PRELOAD', 'HTTP_PROXY'),
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/),
  )
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('a\nLD_PRELOAD=b', '"', '#', ' a', 'a ', '\r', '`'),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        name,
        value.map((text) => `hush${text}`),
      ),
      async (environment) => {
        const handed = await hand(environment).catch((error: unknown) => {
          expect(String(error)).not.toContain('hush')
        })
        if (!handed) return
        const { words } = handed
        expect(words.join(' ')).not.toContain('hush')
        const lines = words[0] === '--env-file' ? (await readFile(words[1] ?? '', 'utf8')).split('\n').slice(0, -1) : []
        const filed = lines.map(
          (line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const,
        )
        const passed = words.filter((_, index) => words[index - 1] === '--env')
        expect(passed.toSorted()).toEqual(Object.keys(handed.environment).toSorted())
        expect([...filed, ...Object.entries(handed.environment)].toSorted()).toEqual(
          Object.entries(environment).toSorted(),
        )
        await handed[Symbol.asyncDispose]()
      },
    ),
  )
})
