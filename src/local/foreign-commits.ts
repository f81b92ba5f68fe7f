import { type FSWatcher, watch } from 'node:fs'

/** Milliseconds between two looks where the system does not tell of writes: half of what a wake may take, at most. */
const lookEvery = 20
/** The same where it does: only in case that it forgot. */
const checkEvery = 500
/** Milliseconds to go on looking after a write was told of. It can be read a little later, when the disk has it. */
const lookFor = 250

/** Tells of what other processes commit, within milliseconds, and costs next to nothing while they do not. */
export class ForeignCommits {
  readonly #version: () => number
  readonly #log: string
  readonly #tell: () => void
  #seen = NaN
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #writtenAt = 0

  /** `version` changes with every such commit; `log` is the file that is written for one. */
  constructor(version: () => number, log: string, tell: () => void) {
    this.#version = version
    this.#log = log
    this.#tell = tell
  }

  start(): void {
    this.#seen = this.#version()
    this.#watcher = this.#watch()
    this.#lookIn(this.#pause())
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#watcher?.close()
    this.#watcher = undefined
  }

  /** Linux tells of every write to a file at once; elsewhere it comes late, or costs more than looking. */
  #watch(): FSWatcher | undefined {
    if (process.platform !== 'linux') return undefined
    try {
      const watcher = watch(this.#log, { persistent: false }, () => this.#written())
      return watcher.on('error', () => this.#unwatch(watcher))
    } catch {
      // Too many are watched already (fs.inotify.max_user_watches): looking does as well.
      return undefined
    }
  }

  #unwatch(watcher: FSWatcher): void {
    watcher.close()
    if (this.#watcher === watcher) this.#watcher = undefined
  }

  #written(): void {
    this.#writtenAt = performance.now()
    this.#look()
  }

  #look(): void {
    clearTimeout(this.#timer)
    this.#lookIn(this.#pause())
    const version = this.#version()
    if (version === this.#seen) return
    this.#seen = version
    this.#tell()
  }

  /** Whoever waits holds the process with a timer of its own. */
  #lookIn(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), milliseconds).unref()
  }

  /** Short after a write, longer and longer after that. */
  #pause(): number {
    if (!this.#watcher) return lookEvery
    const quiet = performance.now() - this.#writtenAt
    return quiet < lookFor ? Math.min(lookEvery, 1 + quiet / 2) : checkEvery
  }
}
