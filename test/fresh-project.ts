import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** What users install beside the package: its own dependencies, and what examples and documents import. */
const neighbours = [
  '@aws-sdk',
  '@hono',
  '@types',
  'busboy',
  'croner',
  'express',
  'hono',
  'mime',
  'rate-limiter-flexible',
  'stream-json',
  'uuidv7',
  'valibot',
  'yaml',
  'yauzl',
  'yazl',
  'zod',
]

/** A user's project in a folder of its own, with the package in it as it is now. */
export interface FreshProject {
  readonly folder: string
  /** Runs the project's `tsc`, which gives the lines it complains with. */
  typeCheck(): Promise<readonly string[]>
  remove(): Promise<void>
}

/** Makes a project and builds the package into it, so that nothing depends on what `dist` happens to hold. */
export async function freshProject(): Promise<FreshProject> {
  const folder = await mkdtemp(join(tmpdir(), 'remotejob-project-'))
  const remove = () => rm(folder, { recursive: true })
  try {
    await install(join(folder, 'node_modules'))
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, typeCheck: () => typeCheck(folder), remove }
}

async function install(modules: string): Promise<void> {
  await mkdir(join(modules, 'remotejob'), { recursive: true })
  await cp('package.json', join(modules, 'remotejob', 'package.json'))
  await run('.ci/build.ts', join(modules, 'remotejob', 'dist'))
  for (const name of neighbours) await symlink(resolve('node_modules', name), join(modules, name), 'junction')
}

/** A piece of code in a document, in ``` fences. */
export interface Snippet {
  readonly document: string
  readonly line: number
  readonly language: string
  /** What stands after the language, e.g. the file to save it as. */
  readonly name: string
  readonly code: string
}

/** The code in a document, as printed. */
export async function snippetsOf(document: string): Promise<readonly Snippet[]> {
  const text = await readFile(document, 'utf8')
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(
    ({ index, 1: language = '', 2: name = '', 3: code = '' }) => ({
      document,
      line: text.slice(0, index).split('\n').length,
      language,
      name,
      code,
    }),
  )
}

/** Saves a document's named snippets under their names. */
export async function saveNamed(document: string, folder: string): Promise<void> {
  for (const { name, code } of await snippetsOf(document)) if (name) await save(join(folder, name), code)
}

export async function save(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** What a careful user's compiler says: strict, and no declaration skipped. */
async function typeCheck(folder: string): Promise<readonly string[]> {
  const lib = ['es2024', 'esnext.disposable', 'esnext.array']
  const modules = { module: 'nodenext', types: ['node'], allowImportingTsExtensions: true, noEmit: true }
  const compilerOptions = { ...modules, target: 'es2024', lib, strict: true, erasableSyntaxOnly: true }
  await save(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  return run(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', folder).then(
    () => [],
    (error: unknown) =>
      String(error instanceof Error && 'stdout' in error && error.stdout)
        .trim()
        .split('\n'),
  )
}

function run(...words: string[]) {
  return promisify(execFile)(process.execPath, words)
}
