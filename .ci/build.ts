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
import { isAbsolute, join, resolve } from 'node:path'
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
  const bundle = await rolldown({ input, external: (name) => !name.startsWith('.') && !isAbsolute(name) })
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
    const { code, errors } = await minify(name, await readFile(path, 'utf8'), {
      module: true,
      compress: { target: 'es2023', keepNames: { function: true, class: true } },
      mangle: { toplevel: false, keepNames: true },
    })
    if (errors.length > 0) throw new Error(`${name} cannot be shortened: ${errors[0]?.message}`)
    await writeFile(path, code)
  }
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
