import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Brings what the bench compares with, which is no dependency of the project. */
export function installPeers(): void {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  if (!existsSync(`${cwd}node_modules`))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' })
}
