/**
 * Builds the package, `node .ci/build.ts [folder]`: `src/` to `dist/`. What is installed is kept small. The code goes without its
 * comments, which are for readers of the sources; the declarations keep theirs, which editors show, but only those stay that an
 * import of the package leads to.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { glob, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import packageFile from '../package.json' with { type: 'json' }

const folder = resolve(process.argv[2] ?? 'dist')

await rm(folder, { recursive: true, force: true })
await Promise.all([tsc('--removeComments', '--declaration', 'false'), tsc('--emitDeclarationOnly')])
await prune()

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
