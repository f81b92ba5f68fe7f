/**
 * Builds the package, `node .ci/build.ts [folder]`: `src/` to `dist/`. What is installed is kept small. The code goes without its
 * comments, which are for readers of the sources, and with short names inside functions; names of functions, classes and members
 * stay, so that a stack can be read. What is always loaded together is one file: each file of its own costs a tarball a hundred bytes
 * and an import some time. What is loaded only when it is needed stays apart. The declarations keep their comments, which editors show,
 * but only those stay that an import of the package leads to.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { minify } from 'rolldown/experimental'
import packageFile from '../package.json' with { type: 'json' }

const folder = resolve(process.argv[2] ?? 'dist')

await rm(folder, { recursive: true, force: true })
await Promise.all([tsc('--removeComments', '--declaration', 'false'), tsc('--emitDeclarationOnly')])
await prune()
await gather()
await shorten()

function tsc(...flags: readonly string[]) {
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc')
  return promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', folder, ...flags])
}

/** Removes the declarations that none of the package's exports leads to. */
async function prune(): Promise<void> {
  const wanted = new Set<string>()
  for (const path of Object.values(packageFile.exports)) {
    if (path.endsWith('.js')) reach(join(folder, '..', declarationOf(path)), wanted)
  }
  for await (const name of glob('**/*.d.ts', { cwd: folder })) {
    const path = join(folder, name)
    if (!wanted.has(path)) await rm(path)
  }
}

/** Puts together what is loaded together. */
async function gather(): Promise<void> {
  const entries = [...Object.values(packageFile.exports), ...Object.values(packageFile.bin)].filter((path) =>
    path.endsWith('.js'),
  )
  const input = Object.fromEntries(
    entries.map((path) => [path.slice('./dist/'.length, -'.js'.length), join(folder, '..', path)]),
  )
  const bundle = await rolldown({
    input,
    external: (name) => !name.startsWith('.') && !isAbsolute(name),
    plugins: [{ name: 'texts', transform: (code, path) => withTexts(code, join('src', relative(folder, path), '..')) }],
  })
  // As deep as the code was, which finds `package.json` two folders above itself.
  const { output } = await bundle.generate({ chunkFileNames: 'parts/[name]-[hash].js' })
  await bundle.close()
  for await (const name of glob('**/*.js', { cwd: folder })) await rm(join(folder, name))
  await mkdir(join(folder, 'parts'))
  for (const chunk of output) if (chunk.type === 'chunk') await writeFile(join(folder, chunk.fileName), chunk.code)
}

async function shorten(): Promise<void> {
  for await (const name of glob('**/*.js', { cwd: folder })) {
    const path = join(folder, name)
    await writeFile(
      path,
      await minified(name, await readFile(path, 'utf8'), { toplevel: false, keepNames: true, removeWhitespace: false }),
    )
  }
}

/** Node shows the line that an error nobody caught comes from: where those are to be read, they keep their breaks. */
async function minified(
  name: string,
  text: string,
  { removeWhitespace, ...mangle }: { toplevel: boolean; keepNames: boolean; removeWhitespace: boolean },
) {
  const { keepNames } = mangle
  const { code, errors } = await minify(name, text, {
    module: true,
    compress: { target: 'es2023', keepNames: { function: keepNames, class: keepNames } },
    mangle,
    codegen: { removeWhitespace },
  })
  if (errors.length > 0) throw new Error(`${name} cannot be shortened: ${errors[0]?.message}`)
  return code
}

/** Puts the files beside a source that it reads as texts, what browsers are given, into its code: the built one is elsewhere. */
async function withTexts(code: string, home: string): Promise<string | undefined> {
  const reads = /readFileSync\(new URL\('(\.\/[^']+)', import\.meta\.url\), 'utf8'\)/g
  const texts = new Map<string, string>()
  for (const [call, name = ''] of code.matchAll(reads)) {
    const text = await readFile(join(home, name), 'utf8')
    const short = name.endsWith('.js')
      ? await minified(name, text, { toplevel: true, keepNames: false, removeWhitespace: true })
      : shortStyle(text)
    texts.set(call, JSON.stringify(short))
  }
  return texts.size === 0 ? undefined : code.replaceAll(reads, (call) => texts.get(call) ?? call)
}

/** A stylesheet without comments and the blanks that mean nothing. */
function shortStyle(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim()
}

/** Adds a declaration file and all that it imports. */
function reach(path: string, found: Set<string>): void {
  if (found.has(path)) return
  found.add(path)
  const imports = readFileSync(path, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)
  for (const [, name = ''] of imports) reach(resolve(path, '..', declarationOf(name)), found)
}

function declarationOf(module: string): string {
  return module.replace(/\.[jt]s$/, '.d.ts')
}
