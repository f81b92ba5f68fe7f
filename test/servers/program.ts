import { execFile } from 'node:child_process'

/** Why a server cannot be had on this machine; the suites on it are skipped with these words. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

export interface ProgramOptions {
  readonly directory?: string
  /** Beside the ones of this process. */
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/**
 * Runs a program to its end and gives what it wrote to stdout.
 * @throws Unavailable when there is no such program, when it fails, or when `signal` ends it
 */
export function run(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { directory, environment, signal } = options
  return new Promise((resolve, reject) => {
    const spawned = {
      ...(directory === undefined ? {} : { cwd: directory }),
      ...(signal === undefined ? {} : { signal }),
      env: { ...process.env, ...environment },
      maxBuffer: Infinity,
    }
    execFile(program, args, spawned, (error, stdout, stderr) => {
      if (error) reject(new Unavailable(reasonOf(program, error, `${stderr}\n${stdout}`), { cause: error }))
      else resolve(stdout)
    })
  })
}

/** Whether that program is on the PATH and does what it is asked. */
export async function works(program: string, ...args: readonly string[]): Promise<boolean> {
  return await run(program, args).then(
    () => true,
    () => false,
  )
}

function reasonOf(program: string, error: Error, output: string): string {
  if ('code' in error && error.code === 'ENOENT') return `there is no \`${program}\` on this machine`
  if (error.name === 'AbortError') return `\`${program}\` took too long`
  return `\`${program}\` failed: ${output.trim().split('\n').at(-1) || error.message}`
}
