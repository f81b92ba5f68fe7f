import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

/** The floor of each room; of the top-level files, `people` and `entries` have rooms of their own and the rest is on the ground. */
const floors: Readonly<Record<string, number>> = {
  'ground/': 0,
  'aws/': 1,
  'local/': 1,
  'lifecycle/': 2,
  'people/': 3,
  'runs/': 4,
  'cron/': 4,
  'admin/': 4,
  'index/': 5,
  'gateway/': 5,
  'cli/': 6,
}
const people = [
  'queue.ts',
  'requester.ts',
  'job.ts',
  'job-handle.ts',
  'worker.ts',
  'worker-options.ts',
  'scheduler.ts',
  'conclude.ts',
]
const entries: Readonly<Record<string, string>> = {
  'local.ts': 'local/',
  'admin.ts': 'admin/',
  'runs.ts': 'runs/',
  'cron.ts': 'cron/',
  'index.ts': 'index/',
  'gateway.ts': 'gateway/',
}

function room(file: string): string {
  if (people.includes(file)) return 'people/'
  if (entries[file] !== undefined) return entries[file]
  const folder = file.includes('/') ? file.slice(0, file.indexOf('/') + 1) : 'ground/'
  return folder === 'protocol/' ? 'ground/' : folder
}

function floor(file: string): number {
  const found = floors[room(file)]
  if (found === undefined) throw new Error(`${file} is in a room without a floor`)
  return found
}

/** What is wrong with one file of `src`, in words. */
function faults(file: string, source: string): string[] {
  const imports = [...source.matchAll(/\b(?:from|import|require|getBuiltinModule)[\s(]*'([^']+)'/g)].map(
    ([, name = '']) => name,
  )
  const inside = imports.filter((name) => name.startsWith('.')).map((name) => posix.join(posix.dirname(file), name))
  const only = (name: RegExp, home: string) => imports.some((found) => name.test(found)) && room(file) !== home
  return [
    ...inside.filter((to) => floor(to) > floor(file)).map((to) => `imports ${to}, a floor up`),
    ...inside
      .filter((to) => floor(to) === floor(file) && room(to) !== room(file))
      .map((to) => `imports ${to}, sideways`),
    ...(only(/^@aws-sdk\//, 'aws/') ? ['knows @aws-sdk outside of aws/'] : []),
    ...(only(/^node:sqlite$/, 'local/') ? ['knows node:sqlite outside of local/'] : []),
    ...(/[<(:|&,]\s*any\b(?!\s*[:'])|\bas any\b/.test(source.replace(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'/g, ''))
      ? ['says any']
      : []),
    ...(room(file) === 'local/' && /[\s(=]\?\d/.test(source)
      ? ['numbers a parameter of SQL, which the first Node 22 takes for a name and gives no value']
      : []),
    ...(source.trimEnd().split('\n').length > 300 ? ['has more than 300 lines'] : []),
    ...(/(^|[/-])(utils?|helpers?|common|types?|managers?|services?)(\/|\.ts$)/.test(file)
      ? ['has a name that says nothing']
      : []),
  ]
}

test('every file imports from its own room or a lower floor, and keeps the rules of the house', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.flatMap((file) =>
    faults(file, readFileSync(`src/${file}`, 'utf8')).map((fault) => `${file} ${fault}`),
  )
  expect(files).toContain('lifecycle/submit.ts')
  expect(found).toEqual([])
})

test.each([
  ['lifecycle/store.ts', `import { Queue } from '../queue.ts'`, 'imports queue.ts, a floor up'],
  ['aws/send.ts', `import type { Files } from '../local/files.ts'`, 'imports local/files.ts, sideways'],
  ['lifecycle/open.ts', `const { cli } = await import('../cli/main.ts')`, 'imports cli/main.ts, a floor up'],
  ['runs/start.ts', `import '../cron/clock.ts'`, 'imports cron/clock.ts, sideways'],
  ['queue.ts', `import { S3Client } from '@aws-sdk/client-s3'`, 'knows @aws-sdk outside of aws/'],
  ['lifecycle/store.ts', `import type { DatabaseSync } from 'node:sqlite'`, 'knows node:sqlite outside of local/'],
  [
    'local/rows.ts',
    'SELECT 1 FROM rows WHERE a = ?1',
    'numbers a parameter of SQL, which the first Node 22 takes for a name and gives no value',
  ],
  ['queue.ts', `process.getBuiltinModule('node:sqlite')`, 'knows node:sqlite outside of local/'],
  ['body.ts', 'export function read(body: any): void {}', 'says any'],
  ['body.ts', '\n'.repeat(300) + 'export {}', 'has more than 300 lines'],
  ['aws/job-manager.ts', '', 'has a name that says nothing'],
  ['aws/utils/retry.ts', '', 'has a name that says nothing'],
])('a file %s with %j is found out', (file, source, fault) => {
  expect(faults(file, source)).toEqual([fault])
})
