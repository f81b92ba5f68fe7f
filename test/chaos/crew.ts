import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'

const size = 4
const jobsProgram = new URL('children/worker.ts', import.meta.url)

/** What a crew is made of, and who is told what befalls it. */
export interface CrewOptions {
  /** What each worker runs. @default jobs */
  readonly program?: URL
  readonly tell?: (what: 'kill' | 'stop' | 'continue', pid: number) => void
}

/** Worker processes of which one after another is killed, and replaced, or held still for longer than its leases. */
export class Crew {
  readonly #config: string
  readonly #program: string
  readonly #tell: NonNullable<CrewOptions['tell']>
  readonly #random: Random
  readonly #until: number
  readonly #children = new Set<ChildProcess>()
  readonly #doomed = new Set<ChildProcess>()
  readonly #stop = new AbortController()
  readonly #mischief: Promise<void>
  readonly counts = { killed: 0, 'held still': 0 }
  /** Deaths that nobody brought about. */
  readonly misdeeds: string[] = []

  /** @param until When workers are left in peace, in milliseconds since 1970 */
  constructor(
    config: object,
    random: Random,
    until: number,
    { program = jobsProgram, tell = () => {} }: CrewOptions = {},
  ) {
    this.#program = fileURLToPath(program)
    this.#tell = tell
    this.#config = JSON.stringify(config)
    this.#random = random
    this.#until = until
    for (let n = 0; n < size; n += 1) this.#hire()
    this.#mischief = this.#misbehave()
  }

  /** The living are asked to end, as deployments do. */
  async dismiss(): Promise<void> {
    this.#stop.abort()
    await this.#mischief
    const living = [...this.#children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    const ends = living.map((child) => once(child, 'exit'))
    for (const child of this.#children) child.kill('SIGTERM')
    const late = setTimeout(() => {
      this.misdeeds.push('a worker did not end within 30 seconds of SIGTERM')
      for (const child of this.#children) child.kill('SIGKILL')
    }, 30_000)
    await Promise.all(ends)
    clearTimeout(late)
  }

  #hire(): void {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', this.#program, this.#config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)))
    child.once('exit', (code, signal) => {
      this.#children.delete(child)
      // One that is asked to end before it has begun ends by the signal.
      const isDismissed = this.#stop.signal.aborted && signal === 'SIGTERM'
      if (!this.#doomed.has(child) && !isDismissed && code !== 0)
        this.misdeeds.push(`a worker died by itself (${code ?? signal}): ${said}`)
    })
    this.#children.add(child)
  }

  async #misbehave(): Promise<void> {
    try {
      while (Date.now() < this.#until) {
        await delay(this.#random.between(800, 3500), undefined, { signal: this.#stop.signal })
        const children = [...this.#children]
        const victim = children[Math.floor(this.#random.next() * children.length)]
        if (!victim) continue
        if (this.#random.next() < 0.25) await this.#holdStill(victim)
        else this.#kill(victim)
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error
    }
  }

  #kill(victim: ChildProcess): void {
    this.counts.killed += 1
    this.#doomed.add(victim)
    this.#tell('kill', victim.pid ?? 0)
    victim.kill('SIGKILL')
    this.#hire()
  }

  /** It wakes with leases that are over, and does not know. */
  async #holdStill(victim: ChildProcess): Promise<void> {
    this.counts['held still'] += 1
    this.#tell('stop', victim.pid ?? 0)
    victim.kill('SIGSTOP')
    try {
      await delay(4500, undefined, { signal: this.#stop.signal })
    } finally {
      this.#tell('continue', victim.pid ?? 0)
      victim.kill('SIGCONT')
    }
  }
}
