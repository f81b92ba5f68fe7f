import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { errorCodes } from '../src/errors.ts'
import { eventNames } from '../src/instrument.ts'
import { freshProject, save, snippetsOf } from './fresh-project.ts'

const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...filesBelow('docs')].filter((name) =>
  name.endsWith('.md'),
)
const read = (path: string): string => readFileSync(path, 'utf8')

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => normalize(join(folder, name)))
}

/** The first group of every match. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, first]) => first ?? [])
}

/** A document's text without its code, which may look like links and headings. */
const prose = (path: string): string => read(path).replaceAll(/^```[^]*?^```$/gm, '')

/** The names that a heading can be linked by. https://docs.github.com/en/get-started/writing-on-github */
function anchorsOf(path: string): string[] {
  const headings = found(prose(path), /^#+ (.+)$/gm)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

test.each(documents)('every link in %s leads somewhere', (document) => {
  const links = found(prose(document).replaceAll(/`[^`\n]*`/g, 'code'), /\]\(([^)\s]+)\)/g)
  const broken = links.filter((link) => {
    if (link.startsWith('https://')) return false
    const [file = '', anchor] = link.split('#', 2)
    const target = file === '' ? document : join(dirname(document), file)
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
  })
  expect(broken).toEqual([])
})

test('every document can be reached from the README', () => {
  const reached = new Set(['README.md'])
  for (const document of reached) {
    const links = found(prose(document), /\]\(([^)#\s]+)/g).filter((link) => !link.startsWith('https:'))
    for (const link of links) if (link.endsWith('.md')) reached.add(normalize(join(dirname(document), link)))
  }
  expect([...reached].toSorted()).toEqual(documents.toSorted())
})

test(
  'all TypeScript in the documents is what a compiler accepts, and all JSON can be parsed',
  { timeout: 240_000 },
  async () => {
    const project = await freshProject()
    onTestFinished(project.remove)
    const snippets = (await Promise.all(documents.map(snippetsOf))).flat()
    for (const { document, line, language, code } of snippets) {
      if (language === 'json') expect(() => JSON.parse(code), `${document}:${line}`).not.toThrow()
      if (language === 'ts') await save(join(project.folder, 'code', document, `line-${line}.ts`), complete(code))
    }
    expect(snippets.filter(({ language }) => language === 'ts').length).toBeGreaterThan(20)
    expect(await project.typeCheck()).toEqual([])
  },
)

/** Short pieces use what the text around them has made. */
function complete(code: string): string {
  if (code.includes('import ')) return `${code}\nexport {}\n`
  return `import { type Job, Queue } from 'remotejob'\ndeclare const queue: Queue, job: Job\n${code}\nexport { queue, job }\n`
}

test('the list of errors has every code, and no other', () => {
  const headings = found(read('docs/reference/errors.md'), /^## (.+)$/gm)
  expect(headings).toEqual([...errorCodes])
})

test('every option is in the reference', () => {
  const options = ['src/lifecycle/settings.ts', 'src/aws/options.ts', 'src/options.ts', 'src/local/backend.ts'].flatMap(
    (file) => found(read(file).match(/export interface \w*Options[^]*?^\}/m)?.[0] ?? '', /^ {2}readonly (\w+)\??:/gm),
  )
  const tables = found(read('docs/reference/queue.md'), /^\| (`[^|]+) \|/gm).flatMap((cell) => found(cell, /`(\w+)`/g))
  expect(options.length).toBeGreaterThan(20)
  expect(options.filter((option) => !tables.includes(option))).toEqual([])
})

test('every option and every event of a worker is in its reference', () => {
  const cells = (document: string) =>
    found(read(document), /^\| (`[^|]+) \|/gm).flatMap((cell) => found(cell, /`([\w:]+)`/g))
  const options = found(
    read('src/worker-options.ts').match(/export interface WorkerOptions [^]*?^\}/m)?.[0] ?? '',
    /^ {2}readonly (\w+)\??:/gm,
  )
  expect(options).toContain('concurrency')
  expect([...options, ...eventNames].filter((name) => !cells('docs/reference/worker.md').includes(name))).toEqual([])
  expect(eventNames.filter((name) => !read('docs/reference/worker.md').includes(`\`remotejob:${name}\``))).toEqual([])
})

test('every member of a queue, a worker, a job and a handle is in the reference', () => {
  const reference = ['queue', 'job', 'worker'].map((name) => read(`docs/reference/${name}.md`)).join('')
  const members = ['queue', 'job', 'job-handle', 'worker', 'lifecycle/stored-object'].flatMap((file) =>
    found(read(`src/${file}.ts`), /^ {2}(?:readonly |async \*?|get )?(\w+)(?:\(|: )/gm),
  )
  const named = found(reference, /`(\w+)(?=[`(])/g)
  expect(members).toContain('createReadStream')
  expect(members.filter((member) => member !== 'constructor' && !named.includes(member))).toEqual([])
})

test('everything the package exports is in the reference', () => {
  const reference = ['admin', 'queue', 'job', 'worker', 'errors', 'programs', 'runs', 'schedules']
    .map((name) => read(`docs/reference/${name}.md`))
    .join('')
  const names = found(
    ['index', 'local', 'admin', 'cron', 'runs'].map((name) => read(`src/${name}.ts`)).join(''),
    /\{ ([^}]+) \}/g,
  )
    .flatMap((list) => list.split(','))
    .map((name) => name.replace('type ', '').trim())
  expect(names).toContain('localBackend')
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(reference))).toEqual([])
})

test('the life of a job names every step of it, and no file that does not exist', () => {
  const named = found(read('docs/explanation/lifecycle.md'), /^\| `(src\/[\w./-]+\.ts)` \|/gm)
  expect(named.filter((file) => !existsSync(file))).toEqual([])
  const steps = readdirSync('src/lifecycle').map((name) => `src/lifecycle/${name}`)
  expect(steps.filter((step) => !named.includes(step))).toEqual([])
  expect(named.length).toBe(new Set(named).size)
})

test('the changelog begins with the version of the package', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  expect(found(read('CHANGELOG.md'), /^## \[([^\]]+)\]/gm)[0]).toBe(version)
})

test('the reason of every package that the sources import is given', () => {
  const imports = filesBelow('src')
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => found(read(file), /\b(?:from |import\()'([^']+)'/g))
  const packages = new Set(
    imports.filter((name) => !/^(\.|node:)/.test(name)).map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? ''),
  )
  const [, section = ''] = read('CONTRIBUTING.md').split('## Runtime dependencies')
  const reasons = found(section.split('\n## ')[0] ?? '', /^\| `([^`]+)` \|/gm)
  expect(reasons.toSorted()).toEqual([...packages].toSorted())
})

test('every test that the page on security names is there', () => {
  const page = read('docs/explanation/security.md')
  const named = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/\.\.\/(test\/[^)]+)\)/g)]
  expect(named.length).toBeGreaterThan(25)
  const missing = named.filter(([, name = '', file = '']) => !existsSync(file) || !read(file).includes(name))
  expect(missing.map(([, name, file]) => `${file}: ${name}`)).toEqual([])
})
