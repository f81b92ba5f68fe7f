import { close, fdatasync, open } from 'node:fs'
import { promisify } from 'node:util'
import { RemoteJobError } from '../errors.ts'
import { fromLocal } from './errors.ts'

const openFile = promisify(open)
const syncFile = promisify(fdatasync)
const closeFile = promisify(close)

/** Milliseconds within which commits come to the disk where nobody waits for that. */
const second = 1000

/**
 * The write-ahead log as a file, and its way to the disk. A commit only hands its pages to the system; here they are flushed, beside the
 * event loop and without the lock that other processes wait for, and one flush serves all that was committed before it began. The log is
 * written in order: what is on the disk has with it all that came before, other processes' commits included.
 */
export class Log {
  readonly #path: string
  readonly #isAwaited: boolean
  readonly #sync: (file: number) => Promise<void>
  #file: Promise<number> | undefined
  #flushing: Promise<void> | undefined
  #next: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #failure: unknown

  /**
   * @param isAwaited Whether {@link Log.flushed} waits for the disk; else there is a flush for every second that something was committed in
   * @param sync Brings an open file to the disk
   */
  constructor(path: string, isAwaited: boolean, sync: (file: number) => Promise<void> = syncFile) {
    this.#path = path
    this.#isAwaited = isAwaited
    this.#sync = sync
  }

  /**
   * Resolves when all that was committed before this call is on the disk.
   * @throws RemoteJobError `UNAVAILABLE`, `OUT_OF_SPACE`, from the first flush that fails on
   */
  async flushed(): Promise<void> {
    if (this.#isAwaited) return await this.#flushNext()
    if (this.#failure) throw this.#failed()
    this.#timer ??= setTimeout(() => void this.#flushSoon(), second).unref()
  }

  /** Flushes what nobody waited for, and lets go of the file. */
  async close(): Promise<void> {
    if (this.#timer) await this.#flushSoon()
    await this.#next?.catch(() => {})
    await this.#flushing?.catch(() => {})
    const file = await this.#file?.catch(() => undefined)
    this.#file = undefined
    if (file !== undefined) await closeFile(file)
  }

  async #flushSoon(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Nobody was promised anything; who writes next is told when the disk fails for good.
    await this.#flushNext().catch(() => {})
  }

  /** A flush under way began too early for who comes now; all who come meanwhile share the next one. */
  #flushNext(): Promise<void> {
    if (this.#next) return this.#next
    if (!this.#flushing) return this.#begin()
    this.#next = this.#flushing.catch(() => {}).then(() => this.#begin())
    return this.#next
  }

  #begin(): Promise<void> {
    this.#next = undefined
    const flushing = this.#flush().finally(() => (this.#flushing = undefined))
    this.#flushing = flushing
    return flushing
  }

  async #flush(): Promise<void> {
    try {
      if (this.#failure) throw this.#failed()
      this.#file ??= openFile(this.#path, 'r+')
      await this.#sync(await this.#file)
    } catch (error) {
      this.#failure ??= error
      throw fromLocal(error, this.#path)
    }
  }

  /** A system that failed to write forgets what it failed on: the next flush would say that all is well. */
  #failed(): RemoteJobError {
    const message = `The disk failed to write ${this.#path}; start this process again once the disk is well`
    return new RemoteJobError('UNAVAILABLE', message, { cause: this.#failure })
  }
}
