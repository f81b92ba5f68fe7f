import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The project's folder, in which the package is built now. */
export function build(): string {
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  execFileSync(process.execPath, ['.ci/build.ts'], { cwd })
  return cwd
}
