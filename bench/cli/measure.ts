import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A command to measure. */
export interface Command {
  readonly words: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Told to end (SIGTERM) when so many lines with that text came. */
  readonly endsAfter?: { readonly lines: string; readonly count: number }
}

export interface Measured {
  readonly seconds: number
  /** Of the whole tree of processes. */
  readonly cpuSeconds: number
  /** Of the command's own process. */
  readonly peakBytes: number
}

/** Clock ticks a second of `/proc/<pid>/stat`: 100 on every Linux that Node runs on. */
const ticks = 100

/** Runs a command below a shell, which tells at the end what the command and all its children took. */
export async function measure({ words, environment, endsAfter }: Command): Promise<Measured> {
  const { PATH = '', HOME = '' } = process.env
  const began = performance.now()
  // The shell becomes nothing itself: it waits, and its children's time is the tree's.
  const shell = spawn('sh', ['-c', '"$@" & echo "pid $!"; wait $!; echo "stat $(cat /proc/$$/stat)"', 'sh', ...words], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(shell, 'exit')
  let pid = 0
  let seen = 0
  let ended = 0
  let stat = ''
  let peakBytes = 0
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(pid))), 20)
  for await (const line of createInterface({ input: shell.stdout })) {
    if (line.startsWith('pid ')) pid = Number(line.slice(4))
    else if (line.startsWith('stat ')) stat = line.slice(5)
    else if (endsAfter && line.includes(endsAfter.lines)) {
      seen += 1
      if (seen < endsAfter.count) continue
      ended = performance.now()
      peakBytes = Math.max(peakBytes, peakOf(pid))
      process.kill(pid, 'SIGTERM')
    }
  }
  clearInterval(watch)
  const [code] = await exit
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const cpuSeconds = (Number(fields[13]) + Number(fields[14])) / ticks
  return { seconds: ((ended || performance.now()) - began) / 1000, cpuSeconds, peakBytes }
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0 // not yet, or no more
  }
}
